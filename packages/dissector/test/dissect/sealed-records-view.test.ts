import { readFileSync } from 'node:fs'
import { RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { expect, test } from 'vitest'
import type { AcceptedVector, RejectedVector } from '../../../aes-chat/test/support/record-layer-vectors.ts'
import { recentRecords } from '../../src/dissect/record-view.ts'
import { sealedRecordsView } from '../../src/dissect/sealed-records-view.ts'
import { readMessage } from '../../src/message/read-message.ts'

const vectors: (AcceptedVector | RejectedVector)[] = JSON.parse(
  readFileSync(new URL('../../../aes-chat/test/vectors/record-layer.json', import.meta.url), 'utf8'),
)
const accepted = vectors.filter(vector => vector.result === 'accepted')
const rejected = vectors.filter(vector => vector.result === 'bad-record')

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))
const frameOf = (body: string) => encodeFrame({ type: RECORD.type, body: hex(body) })
const roleOf = (direction: number) => (direction === 0 ? 'initiator' : 'responder')

test.each([0, 1])('the vectors of direction %d open one after the other, through key updates', direction => {
  const view = sealedRecordsView({ own: recentRecords(), others: recentRecords() })
  const records = accepted.filter(vector => vector.direction === direction)
  const traffic = () => ({ role: roleOf(direction), secret: hex(records[0]?.secret ?? '') }) as const
  for (const { body, plaintext, keyUpdate } of records) {
    const { findings, opened } = view.view(frameOf(body), 1, traffic())
    expect(findings.map(({ code }) => code)).toEqual([])
    // The vectors have the 16 bytes of PKCS#7 behind the plaintext.
    expect(Buffer.from(opened?.bytes ?? []).toString('hex')).toBe(plaintext.slice(0, -32))
    expect(opened?.batch.keyUpdate).toBe(keyUpdate)
  }
})

test.each(rejected)('what a receiver refuses is found: $name', ({ secret, direction, body }) => {
  const frame = frameOf(body)
  const { findings } = readMessage(frame, 'peer-aes/1', 'on the wire')
  if (findings.length > 0) {
    expect(findings.map(({ code }) => code)).toEqual(['bad-frame'])
    return
  }
  const view = sealedRecordsView({ own: recentRecords(), others: recentRecords() })
  const seen = view.view(frame, 1, { role: roleOf(direction), secret: hex(secret) })
  const inside = seen.opened?.batch.frames.flatMap(({ message }) => message.findings) ?? []
  const codes = [...seen.findings, ...inside].map(({ code }) => code)
  expect(codes.length).toBeGreaterThan(0)
  expect(['bad-tag', 'bad-frame', 'reordered']).toEqual(expect.arrayContaining(codes))
})
