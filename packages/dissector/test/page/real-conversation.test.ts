import { expect, test } from 'vitest'
import { capturePage } from '../../src/page/capture-page.ts'
import { SECRET } from '../support/page-of.ts'
import { handshakes, talkOf } from '../support/secure-conversation.ts'
import { textPart } from '../support/seen.ts'
import { dissect, eventsOf } from '../support/streams.ts'

test.each(handshakes)('what two dissectors make of $name comes together, and stays apart', vector => {
  const { handshake, keys, record } = talkOf(vector)
  const events = eventsOf([...handshake, record('dialler', textPart(1, SECRET))])
  const page = capturePage('talk.pcap', () => null)
  for (const seen of dissect(events)) page.add('eavesdropper', seen)
  expect(page.data(9).withKeys).toBe(false)
  for (const seen of dissect(events, keys())) page.add('keyHolder', seen)

  const { messages, lanes, withKeys } = page.data(9)
  expect(withKeys).toBe(true)
  expect(messages.map(({ eavesdropper, keyHolder }) => [eavesdropper.state, keyHolder?.state]).slice(-4)).toEqual([
    ['sealed', 'opened'],
    ['sealed', 'opened'],
    ['open', 'open'],
    ['sealed', 'opened'],
  ])
  expect(messages.at(-1)?.keyHolder?.plaintext?.fields.find(({ name }) => name === 'text')?.value).toBe(SECRET)
  expect(messages.at(-1)?.keyHolder?.frames.map(({ name }) => name)).toEqual(['TEXT'])
  expect(JSON.stringify(messages.map(({ eavesdropper }) => eavesdropper))).not.toMatch(/old mill|alice|bob/)
  expect(lanes.map(({ names }) => [names.eavesdropper, names.keyHolder])).toEqual([
    [null, 'alice'],
    [null, 'bob'],
  ])
})
