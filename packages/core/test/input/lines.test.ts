import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ChatError } from '../../src/errors.ts'
import { MAX_LINE_BYTES, readLines } from '../../src/input/lines.ts'

const utf8 = new TextEncoder()

async function* source(chunks: Iterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? utf8.encode(chunk) : chunk
}

/** The lines' texts in order; an error stands there with its code and message. */
async function read(...chunks: (Uint8Array | string)[]): Promise<string[]> {
  const items: string[] = []
  for await (const line of readLines(source(chunks))) {
    if ('text' in line) items.push(line.text)
    else items.push(`${line.error.code}: ${line.error.message}`)
    expect(line.number).toBe(items.length)
  }
  return items
}

const TOO_LONG = `is longer than ${MAX_LINE_BYTES} bytes`

describe('lines', () => {
  test.each([
    ['nothing', '', []],
    ['blank lines count', '\n\na\n', ['', '', 'a']],
    ['the last line needs no end', 'a\nb', ['a', 'b']],
    ['a CR before LF is dropped, one of them', 'a\r\nb\r\r\n\r\n', ['a', 'b\r', '']],
    ['a CR elsewhere stays', 'a\rb\nc\r', ['a\rb', 'c\r']],
    ['a byte order mark stays', '\ufeffa\n', ['\ufeffa']],
    ['other separators of Unicode do not end a line', 'a\u2028b\u0085c\vd\n', ['a\u2028b\u0085c\vd']],
  ])('%s', async (_, input, lines) => {
    expect(await read(input)).toEqual(lines)
  })

  test('are the same however the bytes are cut', async () => {
    const lines = fc.array(fc.constantFrom('', 'a', 'é🙂', '\r', 'x'.repeat(100)), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(lines, fc.array(fc.integer({ min: 1, max: 40 })), async (lines, cuts) => {
        const bytes = utf8.encode(lines.map(line => `${line}\n`).join(''))
        let start = 0
        const chunks = cuts.map(size => bytes.subarray(start, (start += size)))
        const expected = lines.map(line => (line === '\r' ? '' : line))
        expect(await read(...chunks, bytes.subarray(start))).toEqual(expected)
      }),
    )
  })
})

describe('a line that cannot be used is an error with its number, and the rest goes on', () => {
  test('too long', async () => {
    const [fits, over] = ['x'.repeat(MAX_LINE_BYTES), 'x'.repeat(MAX_LINE_BYTES + 1)]
    expect(await read(`a\n${over}\n${fits}\nb`)).toEqual(['a', `bad-input: line 2 ${TOO_LONG}`, fits, 'b'])
    expect(await read(over)).toEqual([`bad-input: line 1 ${TOO_LONG}`])
  })

  test('a CR LF does not count against the limit, a CR alone does', async () => {
    const fits = 'x'.repeat(MAX_LINE_BYTES)
    expect(await read(`${fits}\r\n`)).toEqual([fits])
    expect(await read(`${fits}\r`, '\n')).toEqual([fits])
    expect(await read(`${fits}\r`)).toEqual([`bad-input: line 1 ${TOO_LONG}`])
    expect(await read(`${fits}\r\r\n`)).toEqual([`bad-input: line 1 ${TOO_LONG}`])
  })

  test('bytes are counted, not characters', async () => {
    expect(await read('é'.repeat(MAX_LINE_BYTES / 2))).toEqual(['é'.repeat(MAX_LINE_BYTES / 2)])
    expect(await read(`${'é'.repeat(MAX_LINE_BYTES / 2)}x`)).toEqual([`bad-input: line 1 ${TOO_LONG}`])
  })

  test('not UTF-8', async () => {
    const bad = 'bad-input: line 2 is not valid UTF-8'
    expect(await read('a\n', Uint8Array.of(0xff), '\nb\n')).toEqual(['a', bad, 'b'])
    expect(await read('a\n', Uint8Array.of(0xc3), '\nb\n'), 'half a character').toEqual(['a', bad, 'b'])
    expect(await read('a\n', Uint8Array.of(0xed, 0xa0, 0x80), '\n'), 'half a surrogate pair').toEqual(['a', bad])
  })

  test('is a ChatError', async () => {
    for await (const line of readLines(source([Uint8Array.of(0x80)]))) {
      expect(line).toEqual({ number: 1, error: expect.any(ChatError) })
    }
  })
})

test('nothing is read before it is asked for', async () => {
  let taken = 0
  async function* counted() {
    for (;;) {
      taken += 1
      yield utf8.encode('a\nb\n')
    }
  }
  const lines = readLines(counted())
  await lines.next()
  await lines.next()
  expect(taken).toBe(1)
  await lines.next()
  expect(taken).toBe(2)
  await lines.return()
})

test('a line without an end is not kept', async () => {
  const chunk = new Uint8Array(1024 * 1024).fill(0x78)
  async function* endless() {
    for (let megabytes = 0; megabytes < 512; megabytes++) yield chunk
  }
  const before = process.memoryUsage().rss
  for await (const line of readLines(endless())) expect(line).toHaveProperty('error')
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024)
})

test('a million chunks of one byte are no trouble', async () => {
  const one = Uint8Array.of(0x78)
  async function* dripping() {
    for (let count = 0; count < 1_000_000; count++) yield one
  }
  for await (const line of readLines(dripping())) expect(line).toHaveProperty('error')
})
