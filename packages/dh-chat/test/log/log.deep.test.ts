import { appendFileSync, mkdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ChatError } from '@p2p-secure-chat/core/errors'
import * as fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { openLogWriter } from '../../src/log/log-writer.ts'
import { temporaryFolder } from '../support/chat-testbed.ts'
import { bounds, itemsOf, keep, read, saying } from '../support/log-file.ts'
import { alice, mallory, person } from '../support/people.ts'

const MAGIC = Buffer.from('P2PCLOG1')

let path: string
beforeEach(() => {
  path = join(temporaryFolder(), 'log')
})

/** Puts a log together from items. */
const put = (...items: readonly Uint8Array[]) => writeFileSync(path, Buffer.concat([MAGIC, ...items]))

function throws(code: string) {
  return expect.objectContaining({ code })
}

describe('a log', () => {
  test('gives back what it kept, over several runs', async () => {
    await keep(path, ['one', 'two\nlines', ''])
    await keep(path, [])
    await keep(path, ['\u{1f600} three'])
    expect(await read(path)).toMatchObject({
      texts: ['one', 'two\nlines', '', '\u{1f600} three'],
      damage: null,
      unfinished: 0,
    })
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  test('gives back any texts, however long and strange', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.string({ unit: 'binary', maxLength: 2_000 }), { maxLength: 5 }), { maxLength: 4 }),
        async runs => {
          const file = join(temporaryFolder(), 'log')
          writeFileSync(file, '')
          for (const texts of runs) await keep(file, texts)
          expect(await read(file)).toMatchObject({ texts: runs.flat(), damage: null, unfinished: 0 })
        },
      ),
      { numRuns: 30 },
    )
  })

  test('has room for the longest text in its longest spelling', async () => {
    const text = '\u0001'.repeat(16_384)
    await keep(path, [text])
    expect((await read(path)).texts).toEqual([text])
  })

  test('shows nothing of what was said', async () => {
    await keep(path, ['the secret word'])
    const bytes = readFileSync(path, 'latin1')
    for (const word of ['secret', 'bob', 'message', '2026']) expect(bytes).not.toContain(word)
  })

  test('has the same size for a short text and a longer one', async () => {
    await keep(path, ['yes'])
    const { size } = statSync(path)
    await keep(`${path}2`, ['no, I would rather not do that today'])
    expect(statSync(`${path}2`).size).toBe(size)
  })

  test('never looks the same twice', async () => {
    await keep(path, ['yes', 'yes'])
    await keep(path, ['yes'])
    const ciphertexts = itemsOf(path).map(item => item.subarray(13, -32).toString('hex'))
    const blocks = ciphertexts.flatMap(text => text.match(/.{32}/g) ?? [])
    expect(new Set(blocks).size).toBe(blocks.length)
  })
})

describe('whoever has the file and not the key', () => {
  test('changes no bit unnoticed', async () => {
    await keep(path, ['one', 'two'])
    await keep(path, ['three'])
    const whole = readFileSync(path)
    const said = ['one', 'two', 'three']
    for (let at = 0; at < whole.length; at++) {
      const altered = Buffer.from(whole)
      altered.writeUInt8(altered.readUInt8(at) ^ (1 << (at % 8)), at)
      writeFileSync(path, altered)
      const { texts, damage, unfinished } = await read(path)
      // A length that reaches beyond the end makes the rest look like a half entry.
      expect(damage === 'bad-log' || unfinished > 0, `bit ${at % 8} of byte ${at}`).toBe(true)
      expect(said.filter(text => texts.includes(text))).toEqual(texts)
      expect(texts.length).toBeLessThanOrEqual(3)
    }
  })

  test('costs us a changed entry, and no other', async () => {
    await keep(path, ['one', 'two', 'three'])
    const at = bounds(path)
    const file = readFileSync(path)
    const target = (at[2] ?? 0) + 40
    file.writeUInt8(file.readUInt8(target) ^ 1, target)
    writeFileSync(path, file)
    expect(await read(path)).toMatchObject({
      texts: ['one', 'three'],
      damage: 'bad-log',
      words: expect.stringContaining(`first at byte ${at[2]};`),
    })
  })

  test.each<[string, (items: Buffer[]) => Buffer[], string[]]>([
    ['takes out an entry', ([run, one, , three, stop]) => pick(run, one, three, stop), ['one']],
    ['swaps two entries', ([run, one, two, three, stop]) => pick(run, two, one, three, stop), []],
    [
      'repeats an entry',
      ([run, one, two, three, stop]) => pick(run, one, one, two, three, stop),
      ['one', 'two', 'three'],
    ],
    ['repeats the whole run', items => [...items, ...items], ['one', 'two', 'three']],
    ['takes out the beginning', ([, one, two, three, stop]) => pick(one, two, three, stop), []],
  ])('%s, and is found out', async (_, tamper, texts) => {
    await keep(path, ['one', 'two', 'three'])
    put(...tamper(itemsOf(path)))
    expect(await read(path)).toMatchObject({ texts, damage: 'bad-log' })
  })

  test('puts an entry of another run, log or identity in the place of one, and is found out', async () => {
    await keep(path, ['one', 'two', 'three'])
    await keep(path, ['four', 'five', 'six'])
    const [run, one, , three, stop, ...second] = itemsOf(path)
    const other = join(temporaryFolder(), 'log')
    await keep(other, ['one', 'II', 'three'])
    const foreign = join(temporaryFolder(), 'log')
    await keep(foreign, ['one', 'II', 'three'], mallory)
    for (const two of [second[2], itemsOf(other)[2], itemsOf(foreign)[2]]) {
      put(...pick(run, one, two, three, stop, ...second))
      const { texts, damage } = await read(path)
      expect([texts, damage]).toEqual([['one', 'four', 'five', 'six'], 'bad-log'])
    }
  })

  test('cuts off an end inside of a run, which shows for ever', async () => {
    await keep(path, ['one', 'two', 'three'])
    const at = bounds(path)
    truncateSync(path, at[3])
    expect(await read(path)).toMatchObject({ texts: ['one', 'two'], damage: null, unfinished: 1 })
    await keep(path, ['four'])
    expect(await read(path)).toMatchObject({ texts: ['one', 'two', 'four'], damage: null, unfinished: 1 })
  })

  test('cuts off whole runs, which does not show', async () => {
    await keep(path, ['one'])
    const { size } = statSync(path)
    await keep(path, ['two'])
    truncateSync(path, size)
    expect(await read(path)).toMatchObject({ texts: ['one'], damage: null, unfinished: 0 })
  })
})

function pick(...items: readonly (Buffer | undefined)[]): Buffer[] {
  return items.map(item => item ?? Buffer.alloc(0))
}

describe('another identity', () => {
  test('reads nothing, and adds nothing', async () => {
    await keep(path, ['one'])
    const before = readFileSync(path)
    expect(await read(path, mallory)).toMatchObject({ texts: [], damage: 'bad-log' })
    await expect(keep(path, ['two'], mallory)).rejects.toEqual(throws('bad-log'))
    expect(readFileSync(path)).toEqual(before)
  })

  test('is not who has the same key under another name', async () => {
    await keep(path, ['one'])
    expect((await read(path, person('alicia', 'alice'))).texts).toEqual(['one'])
  })
})

test('after a crash anywhere in an entry, everything before it is there and the next run goes on', async () => {
  await keep(path, ['one', 'two'])
  const whole = readFileSync(path)
  const at = bounds(path)
  const [, , start = 0, end = 0] = at
  for (let size = 1; size < end; size += size < 200 || size > start ? 1 : 13) {
    writeFileSync(path, whole.subarray(0, size))
    const entries = at.filter(bound => bound <= size).length - 2
    const before = ['one', 'two'].slice(0, Math.max(0, entries))
    const writer = await openLogWriter({ path, keys: alice, onFailure: () => undefined })
    expect(writer.cutOff).toBe(size - (at.findLast(bound => bound <= size) ?? 0))
    writer.append(saying('three'))
    await writer.close()
    const { texts, damage } = await read(path)
    expect([texts, damage], `cut at ${size}`).toEqual([[...before, 'three'], null])
  }
})

test.each([
  ['another beginning', Buffer.from('P2PCLOG2 and what may follow')],
  ['an item of a type that there is not', Buffer.concat([MAGIC, Buffer.from('0000000907', 'hex'), Buffer.alloc(8)])],
  ['an item of length 0', Buffer.concat([MAGIC, Buffer.alloc(4), Buffer.alloc(9)])],
  ['an entry that is too large', Buffer.concat([MAGIC, Buffer.from('7fffffff02', 'hex')])],
  ['an entry that is too small', Buffer.concat([MAGIC, Buffer.from('0000000102', 'hex')])],
  ['a run that is too small', Buffer.concat([MAGIC, Buffer.from('0000000901', 'hex'), Buffer.alloc(8)])],
  ['an entry of broken blocks', Buffer.concat([MAGIC, Buffer.from('0000005a02', 'hex'), Buffer.alloc(0x59)])],
])('%s is damage, which is left as it is', async (_, bytes) => {
  writeFileSync(path, bytes)
  expect(await read(path)).toMatchObject({ texts: [], damage: 'bad-log' })
  await expect(keep(path, ['one'])).rejects.toEqual(throws('bad-log'))
  expect(readFileSync(path)).toEqual(bytes)
})

test('any bytes behind a log are damage or a half entry, and hide nothing before them', async () => {
  await keep(path, ['one', 'two'])
  const whole = readFileSync(path)
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 400 }), async bytes => {
      writeFileSync(path, whole)
      appendFileSync(path, bytes)
      const { texts, damage, unfinished } = await read(path)
      expect(texts).toEqual(['one', 'two'])
      expect(damage === 'bad-log' || unfinished === 1).toBe(true)
    }),
  )
})

test('no link and no folder passes for a log', async () => {
  const target = join(temporaryFolder(), 'target')
  await keep(target, ['one'])
  symlinkSync(target, path)
  const before = readFileSync(target)
  await expect(keep(path, ['two'])).rejects.toEqual(throws('unwritable'))
  await expect(read(path)).rejects.toEqual(throws('unreadable'))
  expect(readFileSync(target)).toEqual(before)
  const folder = join(temporaryFolder(), 'log')
  mkdirSync(folder)
  await expect(keep(folder, ['one'])).rejects.toEqual(throws('unwritable'))
  await expect(read(folder)).rejects.toEqual(throws('unreadable'))
})

test('a full log says so once, and what fits is whole', async () => {
  const failures: string[] = []
  const onFailure = ({ code, message, hint }: ChatError) => void failures.push(`${code} ${message}: ${hint}`)
  const writer = await openLogWriter({ path, keys: alice, onFailure, limit: 2_000 })
  for (let i = 0; i < 20; i++) writer.append(saying(`${i}`))
  await writer.close()
  expect(failures).toEqual([expect.stringMatching(/^unwritable .*log is full.*: .*\/log erase/)])
  expect(statSync(path).size).toBeLessThanOrEqual(2_000)
  expect(await read(path)).toMatchObject({ texts: ['0', '1', '2', '3', '4', '5'], damage: null, unfinished: 1 })
  await expect(openLogWriter({ path, keys: alice, onFailure, limit: 2_000 })).rejects.toEqual(throws('unwritable'))
  expect((await read(path)).unfinished, 'no run begins in a full log').toBe(1)
})
