import { expect, test } from 'vitest'
import type { Connection } from '../../src/capture/stream-event.ts'
import type { Observation, SeenFrame, Spoken } from '../../src/dissect/observation.ts'
import { evidenceCollector } from '../../src/exchange/evidence-collector.ts'
import type { Field } from '../../src/message/field.ts'

const at = { packet: 1, time: null }

const connection = (number: number): Connection => ({
  number,
  dialler: { host: '10.0.0.2', port: 40_000 },
  listener: { host: '10.0.0.3', port: 10_001 },
  whole: true,
})

type Values = readonly (readonly [name: string, value: string])[]

function frame(name: string, spoken: Spoken, fields: Values = [], size = 10): Observation {
  const listed = fields.map(([field, value]): Field => ({ name: field, value, place: null }))
  const seen: SeenFrame = {
    at,
    connection: connection(0),
    from: 'dialler',
    spoken,
    name,
    summary: '',
    bytes: new Uint8Array(size),
    fields: listed,
    findings: [],
    plaintext: null,
  }
  return { kind: 'frame', frame: seen }
}

const from = (seen: Observation, side: 'listener'): Observation =>
  seen.kind === 'frame' ? { kind: 'frame', frame: { ...seen.frame, from: side } } : seen

test('a capture that somebody made up to fill the memory is cut short, and that is told', () => {
  const collector = evidenceCollector()
  for (let number = 0; number < 1_030; number += 1) {
    collector.see({ kind: 'conversation', at, connection: connection(number), spoken: 'peer-aes/1' })
  }
  for (const spoken of ['directory/1', 'legacy-directory', null] as const) {
    collector.see({ kind: 'conversation', at, connection: connection(2_000), spoken })
  }
  expect(collector.evidence).toHaveLength(1_024)
  expect(collector.ignored).toBe(6)
})

test('offers without an end are no exchange', () => {
  const collector = evidenceCollector()
  const offer = frame('OFFER', 'peer-aes/1', [
    ['dh.group', 'toy24'],
    ['dh.public', '04'],
  ])
  for (let i = 0; i < 10; i += 1) collector.see(offer)
  collector.see(from(frame('HELLO', 'peer-aes/1'), 'listener'))
  collector.see(
    from(
      frame('ANSWER', 'peer-aes/1', [
        ['dh.group', 'toy24'],
        ['dh.public', '04'],
      ]),
      'listener',
    ),
  )
  expect(collector.evidence).toMatchObject([{ kind: 'part', spoken: 'peer-aes/1' }])
})

test.each([
  ['4', '8', 'part'],
  ['04', '8', 'handshake'],
])('public values %j and %j make it a %s: a prime has a byte at least', (offered, answered, kind) => {
  const collector = evidenceCollector()
  collector.see(frame('HELLO', 'peer-aes/1'))
  collector.see(from(frame('HELLO', 'peer-aes/1'), 'listener'))
  collector.see(frame('OFFER', 'peer-aes/1', [['dh.public', offered]]))
  collector.see(from(frame('ANSWER', 'peer-aes/1', [['dh.public', answered]]), 'listener'))
  expect(collector.evidence).toMatchObject([{ kind }])
})

test('of an exchange that begins again nothing is left', () => {
  const collector = evidenceCollector()
  collector.see(frame('HELLO', 'peer-aes/1'))
  collector.see(from(frame('HELLO', 'peer-aes/1'), 'listener'))
  const offer = frame('OFFER', 'peer-aes/1', [['dh.public', '0004']])
  collector.see(offer)
  collector.see(from(offer, 'listener'))
  collector.see(from(frame('ANSWER', 'peer-aes/1', [['dh.public', '08']]), 'listener'))
  expect(collector.evidence).toMatchObject([{ kind: 'part' }])
})

test.each([
  [48, 16],
  [4_096, 4],
  [60_000, 1],
])('of records of %i bytes %i are kept to test secrets on', (size, kept) => {
  const collector = evidenceCollector()
  collector.see(frame('legacy public value', 'legacy-peer', [['legacy.public', '8']]))
  collector.see(from(frame('legacy public value', 'legacy-peer', [['legacy.public', '19']]), 'listener'))
  const record: Values = [
    ['legacy.iv', '00'.repeat(16)],
    ['legacy.ciphertext', '00'.repeat(32)],
  ]
  for (let i = 0; i < 20; i += 1) collector.see(frame('legacy record', 'legacy-peer', record, size))
  expect(collector.evidence).toMatchObject([{ kind: 'legacy', publicValues: { dialler: 8n, listener: 19n } }])
  const [seen] = collector.evidence
  expect(seen?.kind === 'legacy' && seen.probes.length).toBe(kept)
})
