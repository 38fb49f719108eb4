import { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import * as fc from 'fast-check'
import { widthOf } from '@p2p-secure-chat/core/terminal/rows'
import { expect, test } from 'vitest'
import { hexDump } from '../../src/show-attack/hex-dump.ts'

const PLAIN = colourFor({ isTTY: false })
const COLOURED = colourFor({ isTTY: true }, { TERM: 'xterm' }, [])

const text = Buffer.from('pay carol 100 today')
const marks = [
  { from: 4, to: 9, meaning: 'to whom' },
  { from: 14, to: 19, meaning: 'when' },
  { from: 0, to: 1, meaning: 'the first letter' },
]

test('without colours, signs below the bytes and their text say which is which', () => {
  expect(hexDump({ label: 'what alice sent', bytes: text, marks }, PLAIN, 76)).toEqual([
    'what alice sent (19 bytes)',
    '0000: 70 61 79 20 63 61 72 6f 6c 20 31 30 30 20 74 6f  pay carol 100 to',
    '      ~~          ^^^^^^^^^^^^^^                =====  ~   ^^^^^     ==',
    '0010: 64 61 79                                         day',
    '      ========                                         ===',
    '',
    '      ^^ to whom (bytes 4 to 8: 0004 to 0008)',
    '      == when (bytes 14 to 18: 000e to 0012)',
    '      ~~ the first letter (byte 0: 0000)',
  ])
})

test('with colours, each mark has one, and so has its name', () => {
  const lines = hexDump({ label: 'what alice sent', bytes: text, marks: marks.slice(0, 1) }, COLOURED, 76)
  expect(lines).toHaveLength(4)
  expect(lines[1]).toContain(['63', '61', '72', '6f', '6c'].map(byte => COLOURED.yellow(byte)).join(' '))
  expect(lines[1]).toContain('carol'.replace(/./g, letter => COLOURED.yellow(letter)))
  expect(lines.at(-1)).toBe(`      ${COLOURED.yellow('to whom (bytes 4 to 8: 0004 to 0008)')}`)
})

test('long bytes are shown around their marks alone', () => {
  const bytes = Buffer.alloc(4_096)
  const offsets = (lines: readonly string[]) =>
    lines.flatMap(line => /^([0-9a-f]{4}|\s+\.\.\..*)/.exec(line)?.[1] ?? [])
  expect(
    offsets(hexDump({ label: 'much', bytes, marks: [{ from: 160, to: 1_600, meaning: 'a lot' }] }, PLAIN, 76)),
  ).toEqual([
    '      ... 144 bytes ...',
    '0090',
    '00a0',
    '00b0',
    '      ... 1,376 bytes ...',
    '0620',
    '0630',
    '0640',
    '      ... 2,480 bytes ...',
  ])
  const around = (size: number, ...marked: readonly number[]) =>
    offsets(
      hexDump(
        {
          label: 'much',
          bytes: bytes.subarray(0, size),
          marks: marked.map(from => ({ from, to: from + 1, meaning: 'x' })),
        },
        PLAIN,
        76,
      ),
    )
  // The row at 0030 and the last one, of one byte, are near to none; to leave one out would save no line.
  expect(around(4_096, 16, 80)).toEqual([
    '0000',
    '0010',
    '0020',
    '0030',
    '0040',
    '0050',
    '0060',
    '      ... 3,984 bytes ...',
  ])
  expect(around(161, 128).slice(-3)).toEqual(['0080', '0090', '00a0'])
  expect(offsets(hexDump({ label: 'much', bytes }, PLAIN, 76))).toEqual([
    '0000',
    '0010',
    '0020',
    '0030',
    '      ... 4,016 bytes ...',
    '0ff0',
  ])
})

test('whatever is shown, it is short and narrow, has every marked end, and the terminal obeys none of it', () => {
  const shown = fc.uint8Array({ maxLength: 700 }).chain(bytes =>
    fc.record({
      label: fc.string({ unit: 'binary', maxLength: 90 }),
      bytes: fc.constant(bytes),
      marks: fc.array(
        fc
          .tuple(fc.nat(bytes.length), fc.nat(bytes.length), fc.string({ unit: 'binary', maxLength: 90 }))
          .map(([one, other, meaning]) => ({ from: Math.min(one, other), to: Math.max(one, other), meaning })),
        { maxLength: 3 },
      ),
    }),
  )
  fc.assert(
    fc.property(shown, ({ label, bytes, marks }) => {
      const lines = hexDump({ label, bytes, marks }, PLAIN, 76)
      expect(lines.length).toBeLessThan(70)
      expect(lines.join('')).not.toMatch(/\p{Cc}/u)
      expect(Math.max(...lines.map(line => widthOf(line)))).toBeLessThanOrEqual(76)
      for (const { from, to } of marks.filter(({ from, to }) => from < to)) {
        for (const end of [from, to - 1]) {
          const offset = `${(end - (end % 16)).toString(16).padStart(4, '0')}: `
          expect(lines.some(line => line.startsWith(offset))).toBe(true)
        }
      }
    }),
  )
})
