import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { openNewFile } from '../../src/files/new-file.ts'
import { ownerOf, ownerText } from '../../src/files/owner.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'new-file-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  path = join(folder, 'capture')
})

/** What a program leaves that is killed while it writes. */
function crash(content: string): void {
  writeFileSync(path, content)
  writeFileSync(`${path}.lock`, ownerText({ ...ownerOf(process.ppid), started: '1' }))
}

const HEAD = Buffer.from('head\n')
const content = (name: string) => readFileSync(join(folder, name), 'utf8')

test('it has a lock while it is written, and then it stays alone', async () => {
  const file = await openNewFile(path, HEAD)
  writeSync(file.fd, 'hello')
  expect(readdirSync(folder)).toEqual(['capture', 'capture.lock'])
  await expect(openNewFile(path)).rejects.toMatchObject({ code: 'unwritable' })
  await file.close()
  expect([readdirSync(folder), content('capture')]).toEqual([['capture'], 'hello'])
  await expect(openNewFile(path)).rejects.toMatchObject({
    code: 'unwritable',
    message: `${path} exists already and is not overwritten`,
  })
  expect(content('capture')).toBe('hello')
})

test('one that is discarded is gone', async () => {
  await (await openNewFile(path)).discard()
  expect(readdirSync(folder)).toEqual([])
})

test('what a crash left is moved aside, under the first name that is free', async () => {
  writeFileSync(`${path}.1`, 'earlier')
  crash('head\nwhat was recorded')
  const file = await openNewFile(path, HEAD)
  expect(file.remark).toContain(`${path}.2`)
  await file.close()
  expect([content('capture'), content('capture.1'), content('capture.2')]).toEqual([
    '',
    'earlier',
    'head\nwhat was recorded',
  ])
})

test.each(['', 'he', 'head\n'])('what a crash left before there was more than %j is replaced', async left => {
  crash(left)
  const file = await openNewFile(path, HEAD)
  expect(file.remark).toBe('')
  await file.discard()
  expect(readdirSync(folder)).toEqual([])
})

test('a file of a program that runs is left to it', async () => {
  writeFileSync(path, 'head\n')
  writeFileSync(`${path}.lock`, ownerText(ownerOf(process.ppid)))
  await expect(openNewFile(path, HEAD)).rejects.toMatchObject({
    code: 'unwritable',
    message: `another program (process ${process.ppid}) keeps ${path}`,
  })
  expect(content('capture')).toBe('head\n')
})

test('a link or a folder in its place is left alone, whatever a crash left beside it', async () => {
  crash('x')
  rmSync(path)
  symlinkSync(join(folder, 'elsewhere'), path)
  await expect(openNewFile(path)).rejects.toMatchObject({ code: 'unwritable' })
  rmSync(path)
  mkdirSync(path)
  await expect(openNewFile(path)).rejects.toMatchObject({ code: 'unwritable' })
  expect(existsSync(join(folder, 'elsewhere'))).toBe(false)
})
