import { readFileSync } from 'node:fs'
import { sealedRecords } from '@p2p-secure-chat/aes-chat/sealed-records'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { RECORD } from '@p2p-secure-chat/core/wire/message-types'
import { keystreamProtection } from '@p2p-secure-chat/dh-chat/keystream-protection'
import { expect, test } from 'vitest'
import type { HandshakeVector } from '../../../dh-chat/test/support/handshake-vectors.ts'
import { keyLog } from '../../src/dissect/key-log.ts'
import { capturePage } from '../../src/page/capture-page.ts'
import { SECRET } from '../support/page-of.ts'
import { textPart } from '../support/seen.ts'
import { dissect, eventsOf, type Said } from '../support/streams.ts'

const vectors: readonly HandshakeVector[] = JSON.parse(
  readFileSync(new URL('../../../dh-chat/test/vectors/handshake.json', import.meta.url), 'utf8'),
)
const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))

/** A handshake and one record of alice, by the code of that rung. */
function talkOf({ protocol, frames, trafficSecret }: HandshakeVector): Said[] {
  const [send, receive] = [hex(trafficSecret.initiator), hex(trafficSecret.responder)]
  const records =
    protocol === 'peer-dh/1'
      ? keystreamProtection({ send, receive })
      : sealedRecords({ sendSecret: send, receiveSecret: receive, sendDirection: 0 })
  const record = encodeFrame({ type: RECORD, body: records.seal(encodeFrame(textPart(1, SECRET))) })
  const said = frames.map(({ from, frame }) => ({ from, bytes: hex(frame) }) as const)
  return [
    ...said.map(({ from, bytes }): Said => ({ from: from === 'initiator' ? 'dialler' : 'listener', bytes })),
    { from: 'dialler', bytes: record },
  ]
}

test.each(vectors)('what two dissectors make of $name comes together, and stays apart', vector => {
  const { T1, T3, handshakeSecret, sessionSecret } = vector
  const events = eventsOf(talkOf(vector))
  const keys = keyLog()
  keys.add(`P2PC_HANDSHAKE_SECRET ${T1.hash} ${handshakeSecret}\nP2PC_SESSION_SECRET ${T3.hash} ${sessionSecret}`)
  const page = capturePage('talk.pcap')
  for (const seen of dissect(events)) page.add('eavesdropper', seen)
  expect(page.data(9).withKeys).toBe(false)
  for (const seen of dissect(events, keys)) page.add('keyHolder', seen)

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
