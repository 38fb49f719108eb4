import { recordSealer } from '@p2p-secure-chat/aes-chat/record'
import { TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { keystreamProtection } from '@p2p-secure-chat/dh-chat/keystream-protection'
import { expect, test } from 'vitest'
import { type Framing, textLengthRange } from '@p2p-secure-chat/dissector/message/text-length-range'
import { textbookProtection } from '../../src/textbook/chat.ts'

const LENGTHS = [0, 1, 15, 16, 17, 47, 48, 111, 112, 1_007, 1_008, 2_031, 2_032, 16_384]

const secret = () => new Uint8Array(32)

/** Bytes on the wire of one text of that length, as the rung itself makes them. */
const SIZE: Readonly<Record<Framing, (length: number) => number>> = {
  keystream: length => sizeOf(keystreamProtection({ send: secret(), receive: secret() }).seal(frameOf(length))),
  buckets(length) {
    const sealer = recordSealer({
      secret: secret(),
      direction: 0,
      updateAfter: 10,
      random: bytes => Buffer.alloc(bytes),
    })
    return sizeOf(sealer.seal(frameOf(length)))
  },
  blocks: length => textbookProtection('aes', 2n).seal('x'.repeat(length)).length,
}

const frameOf = (length: number) => encodeFrame(TEXT.message({ id: 1n, text: 'x'.repeat(length) }))
const sizeOf = (body: Uint8Array) => encodeFrame({ type: RECORD.type, body }).length

test.each(
  (['keystream', 'buckets', 'blocks'] as const).flatMap(framing => LENGTHS.map(length => [framing, length] as const)),
)('%s: a text of %i bytes lies in the range that its size tells, and no narrower range would do', (framing, length) => {
  const size = SIZE[framing](length)
  const told = textLengthRange(framing, size)
  expect(told).not.toBeNull()
  const { least = 0, most = 0 } = told ?? {}
  expect([least, most].map(SIZE[framing])).toEqual([size, size])
  expect(length).toBeGreaterThanOrEqual(least)
  expect(length).toBeLessThanOrEqual(most)
  expect(SIZE[framing](most + 1)).toBeGreaterThan(size)
  if (least > 0) expect(SIZE[framing](least - 1)).toBeLessThan(size)
})

test.each([
  ['keystream', 17],
  ['buckets', 80],
  ['blocks', 16],
] as const)('%s: nothing of %i bytes is a text', (framing, size) => {
  expect(textLengthRange(framing, size)).toBeNull()
})
