import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import type { ChatError } from '../../src/errors.ts'
import { backgroundWriter } from '../../src/files/background-writer.ts'

let path: string
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'background-writer-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  path = join(folder, 'file')
})

function open(flags: string): number {
  const file = openSync(path, flags)
  onTestFinished(() => closeSync(file))
  return file
}

test('pieces come into the file in their order, those of one turn at once', async () => {
  const writer = backgroundWriter(open('w'), path, 0, error => expect.unreachable(error.message))
  for (let i = 0; i < 1_000; i++) writer.write(Buffer.from(`${i}\n`))
  expect(readFileSync(path, 'utf8')).toBe('')
  await new Promise(setImmediate)
  writer.write(Buffer.from('last\n'))
  await writer.settled()
  expect(readFileSync(path, 'utf8')).toBe(`${Array.from({ length: 1_000 }, (_, i) => `${i}\n`).join('')}last\n`)
  await writer.settled()
})

test('a disk that is too slow ends it with an error, and takes no more memory', async () => {
  execFileSync('mkfifo', [path])
  // A pipe that nobody reads takes 64 KiB and then keeps the writer waiting.
  const file = open('r+')
  const failures: ChatError[] = []
  const writer = backgroundWriter(file, path, 0, error => void failures.push(error), 2 ** 20)
  const piece = Buffer.alloc(100_000)
  for (let i = 0; i < 10; i++) writer.write(piece)
  await new Promise(setImmediate)
  expect(failures).toEqual([])
  writer.write(piece)
  writer.write(piece)
  expect(failures.map(({ code, message }) => `${code}: ${message}`)).toEqual([
    `unwritable: ${path}: the disk is too slow, and 1 MiB wait already`,
  ])
  // What was on its way already arrives, once somebody reads.
  for (let read = 0; read < 10 * piece.length; ) read += readSync(file, Buffer.alloc(2 ** 16))
  await writer.settled()
})

test('a write that fails is told once, and is the last one', async () => {
  const failures: ChatError[] = []
  open('w')
  const writer = backgroundWriter(open('r'), path, 0, error => void failures.push(error))
  writer.write(Buffer.from('one'))
  await writer.settled()
  writer.write(Buffer.from('two'))
  await writer.settled()
  expect(failures).toHaveLength(1)
  expect(failures[0]).toMatchObject({ code: 'unwritable', message: expect.stringContaining('bad file descriptor') })
})
