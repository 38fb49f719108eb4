import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { RECEIPT, TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type FrameSplitter, frameSplitter, type Piece } from '../../src/dissect/frame-splitter.ts'

const plausible = (type: number, length: number) =>
  (type === TEXT.type && length <= 1_000) || (type === RECEIPT.type && length === 9)
const splitter = (aligned = true) => frameSplitter({ aligned, plausible })

const textOf = (bytes: number) => encodeFrame({ type: TEXT.type, body: new Uint8Array(bytes).fill(0x78) })
const receipt = encodeFrame({ type: RECEIPT.type, body: new Uint8Array(8) })

/** Pushes chunks, or for a number leaves out so many bytes. */
function split(to: FrameSplitter, steps: readonly (Uint8Array | number)[]): Piece[] {
  const pieces: Piece[] = []
  const deliver = (piece: Piece) => void pieces.push(piece)
  for (const step of steps) {
    if (typeof step === 'number') to.gap(step, deliver)
    else to.push(step, deliver)
  }
  return pieces
}

const plain = (pieces: readonly Piece[]) =>
  pieces.map(piece => ('bytes' in piece && typeof piece.bytes !== 'number' ? [piece.kind, ...piece.bytes] : piece))

const cut = (bytes: Uint8Array, places: readonly number[]) => {
  const at = [0, ...places.map(place => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end))
}

test('wherever the bytes are cut, the frames are the same', () => {
  const frame = fc.record({ type: fc.nat(255), body: fc.uint8Array({ maxLength: 40 }) }).map(encodeFrame)
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 20 }), (frames, places) => {
      const bytes = new Uint8Array(Buffer.concat(frames))
      const pieces = split(splitter(), cut(bytes, places))
      expect(plain(pieces)).toEqual(frames.map(one => ['frame', ...one]))
    }),
  )
})

test('a frame that has no end is told as far as it goes, and ends the direction', () => {
  const zero = Uint8Array.of(0, 0, 0, 0, 1, 2, 3)
  expect(plain(split(splitter(), [receipt, zero, receipt]))).toEqual([
    ['frame', ...receipt],
    ['dead', 0, 0, 0, 0],
  ])
  expect(
    plain(
      split(
        splitter(),
        [...zero].map(byte => Uint8Array.of(byte)),
      ),
    ),
  ).toEqual([['dead', 0, 0, 0, 0]])
  const endless = Uint8Array.of(0, 1, 1, 0xd2, 0x40, 9, 9)
  expect(plain(split(splitter(), [endless, receipt]))).toEqual([['dead', 0, 1, 1, 0xd2, 0x40]])
})

test('the largest frame that is waited for is the largest there is', () => {
  const largest = encodeFrame({ type: 0x40, body: new Uint8Array(66_000) })
  expect(split(splitter(), [largest.subarray(0, 1_000), largest.subarray(1_000)])).toHaveLength(1)
})

test('bytes that are missing inside a body cost that frame alone', () => {
  const frame = textOf(100)
  const steps = [frame.subarray(0, 20), 30, frame.subarray(50), receipt]
  expect(plain(split(splitter(), steps))).toEqual([
    { kind: 'holed', type: TEXT.type, length: 101 },
    ['frame', ...receipt],
  ])
  const upToItsEnd = [frame.subarray(0, 20), frame.length - 20, receipt]
  expect(plain(split(splitter(), upToItsEnd))).toEqual([
    { kind: 'holed', type: TEXT.type, length: 101 },
    ['frame', ...receipt],
  ])
})

test.each([
  ['between frames', [receipt, 7]],
  ['inside a header', [receipt, receipt.subarray(0, 3), 2]],
  ['beyond the end of a frame', [receipt, textOf(10).subarray(0, 8), 20]],
])('after a hole %s the next segment that begins with frames is found', (_, before) => {
  const to = splitter()
  const pieces = split(to, [...before, Uint8Array.of(1, 2, 3, 4, 5, 6), receipt.subarray(2), receipt, textOf(3)])
  expect(plain(pieces).filter(piece => !('type' in piece))).toEqual([
    ['frame', ...receipt],
    { kind: 'skipped', bytes: 6 + 11 + (before.length === 3 && before[2] === 2 ? 3 : 0) },
    ['frame', ...receipt],
    ['frame', ...textOf(3)],
  ])
  expect(to.lost).toBe(false)
})

test('a segment whose second header makes no sense is none to begin with', () => {
  const to = splitter(false)
  expect(split(to, [Buffer.concat([receipt, Uint8Array.of(9, 9, 9, 9, 9)])])).toEqual([])
  expect(to.lost).toBe(true)
  expect(to.skipped).toBe(18)
  expect(plain(split(to, [Buffer.concat([receipt, receipt.subarray(0, 4)])])).at(-1)).toEqual(['frame', ...receipt])
  expect(to.midFrame).toBe(true)
})
