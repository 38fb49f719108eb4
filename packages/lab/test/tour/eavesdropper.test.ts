import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { CALL, RECEIPT, TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import { expect, test } from 'vitest'
import { eavesdrop } from '../../src/tour/eavesdropper.ts'

const id = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 7)
const text = (words: string) => encodeFrame({ type: TEXT.type, body: Buffer.concat([id, Buffer.from(words)]) })

test('what is legible is shown with its type and size, whoever cut the stream where', () => {
  const bytes = Buffer.concat([text('hello bob 🍵'), encodeFrame({ type: RECEIPT.type, body: id })])
  const pieces = [...bytes].map(byte => ({ from: 'dialler' as const, bytes: Uint8Array.of(byte) }))
  expect(eavesdrop(pieces)).toEqual([
    { from: 'dialler', line: 'TEXT 22 B: "hello bob 🍵"' },
    { from: 'dialler', line: 'RECEIPT 8 B: number 7' },
  ])
})

test('what is not text is shown as bytes', () => {
  const body = Uint8Array.of(0xff, 1, 2, 3, 4, 5, 6, 7)
  expect(eavesdrop([{ from: 'listener', bytes: encodeFrame({ type: RECORD.type, body }) }])).toEqual([
    { from: 'listener', line: 'RECORD 8 B: ff 01 02 03 04 05 ...' },
  ])
})

test('what a peer sends can not play tricks on the terminal', () => {
  const body = Buffer.from('{"conversation":"\u202Eevil"}')
  const [seen] = eavesdrop([{ from: 'dialler', bytes: encodeFrame({ type: CALL.type, body }) }])
  expect(seen?.line).not.toContain('\u202E')
})
