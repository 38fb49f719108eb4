import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { capturePage, MAX_PAGE_MESSAGES } from '../../src/page/capture-page.ts'
import { jsonInHtml } from '../../src/page/page-file.ts'
import { SAMPLE_MESSAGES, samplePage, SECRET } from '../support/page-of.ts'
import { jsonPart, talk, textPart } from '../support/seen.ts'

test('JSON in the page comes back as it was, and nothing in it can end the element', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('</script>', '<!--', '<script', ']]>', '\u2028'),
      (text, bait) => {
        const written = jsonInHtml({ [text]: bait + text })
        expect(written).not.toContain('<')
        expect(JSON.parse(written)).toEqual({ [text]: bait + text })
      },
    ),
  )
})

test('the eavesdropper has nothing that came from a key', () => {
  const data = samplePage(true).data(20)
  expect(data.messages).toHaveLength(SAMPLE_MESSAGES)
  const open = JSON.stringify(data.messages.map(({ eavesdropper }) => eavesdropper))
  const all = JSON.stringify(data)
  expect(open).not.toContain(SECRET)
  expect(open).not.toContain(Buffer.from(SECRET).toString('base64').slice(4, -4))
  expect(all).toContain(SECRET)
  expect(JSON.stringify(samplePage(false).data(20))).not.toContain(SECRET)
})

test('hosts get a life line each, with the names that somebody claimed', () => {
  expect(samplePage(false).data(20).lanes).toEqual([
    { address: '10.0.0.1', names: { eavesdropper: 'directory', keyHolder: 'directory' } },
    { address: '10.0.0.2', names: { eavesdropper: 'alice', keyHolder: null } },
    { address: '10.0.0.3', names: { eavesdropper: 'bob', keyHolder: null } },
  ])
})

test('on one host every name has a life line of its own', () => {
  const page = capturePage('loopback.pcap', () => null)
  const directory = talk(0, 'directory/1', '127.0.0.1', '127.0.0.1')
  page.add('eavesdropper', directory.say('dialler', jsonPart('REGISTER', 0x21, { name: 'bob' }, [['name', 'bob']])))
  page.add(
    'eavesdropper',
    directory.say('listener', jsonPart('ERROR', 0x02, { code: 'name-taken' }, [['code', 'name-taken']])),
  )
  page.add(
    'eavesdropper',
    directory.say('listener', jsonPart('REGISTERED', 0x22, { name: 'alice' }, [['name', 'alice']])),
  )
  expect(page.data(1).lanes.map(({ names, address }) => [names.eavesdropper, address])).toEqual([
    ['directory', '127.0.0.1:10001'],
    ['alice', '127.0.0.1:40000'],
  ])
})

test('a page has a limit, and says how much it leaves out', () => {
  const page = capturePage('large.pcap', () => null)
  const { say } = talk(0, 'peer-basic/1', '10.0.0.2', '10.0.0.3')
  for (let id = 1; id <= MAX_PAGE_MESSAGES + 5; id += 1) {
    const seen = say('dialler', textPart(id, 'x', ['plaintext']))
    page.add('eavesdropper', seen)
    page.add('keyHolder', seen)
  }
  const late = talk(1, 'peer-basic/1', '10.0.0.4', '10.0.0.5')
  page.add('eavesdropper', late.say('dialler', jsonPart('NAME', 0x30, { name: 'carol' }, [['name', 'carol']])))
  const data = page.data(3_000)
  expect(data.lanes).toHaveLength(2)
  expect(data.messages).toHaveLength(MAX_PAGE_MESSAGES)
  expect(data.leftOut).toBe(6)
  expect(data.conversations[0]?.leaks.facts.join()).toContain('2,005 messages')
})

test('of a large message the page has the beginning and the end, and measures the whole', () => {
  const page = capturePage('file.pcap', () => null)
  const { say } = talk(0, 'peer-basic/1', '10.0.0.2', '10.0.0.3')
  page.add('eavesdropper', say('dialler', textPart(1, 'ab'.repeat(8_000))))
  const wire = page.data(1).messages[0]?.eavesdropper.wire
  expect(wire?.size).toBe(16_013)
  expect(wire?.measured).toBe(16_008)
  expect(wire?.pieces.map(({ at, data }) => [at, Buffer.from(data, 'base64').length])).toEqual([
    [0, 3_840],
    [15_757, 256],
  ])
  expect(wire?.entropy).toBeCloseTo(1, 1)
})

test('of a message that says thousands of things the page keeps the first', () => {
  const page = capturePage('crowd.pcap', () => null)
  const { say } = talk(0, 'directory/1', '10.0.0.2', '10.0.0.1')
  const names = Array.from({ length: 4_000 }, (_, i): [string, string] => ['name', `a${i}`])
  page.add('eavesdropper', say('dialler', jsonPart('WATCH', 0x27, { names: names.map(([, name]) => name) }, names)))
  const [message] = page.data(1).messages
  const shown = message?.eavesdropper.wire.fields.filter(({ name }) => name === 'name').map(({ value }) => value) ?? []
  expect(shown.length).toBeGreaterThan(40)
  expect(shown).toEqual(names.slice(0, shown.length).map(([, name]) => name))
  expect(JSON.stringify(message).length).toBeLessThan(40_000)
})

test('a capture without times, or with impossible ones, makes a page as well', () => {
  const page = capturePage('odd.pcap', () => 2n ** 80n)
  const { say } = talk(0, 'peer-basic/1', '10.0.0.2', '10.0.0.3')
  for (const time of [null, 2n ** 80n]) {
    const seen = say('dialler', textPart(1, 'x'))
    if (seen.kind === 'frame') page.add('eavesdropper', { ...seen, frame: { ...seen.frame, at: { packet: 1, time } } })
  }
  const data = page.data(2)
  expect([data.from, data.to]).toEqual([null, null])
  expect(data.messages.map(({ time }) => time)).toEqual([null, 0])
})
