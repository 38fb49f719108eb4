import {
  mkdtempSync,
  openSync,
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
import { fileError } from '../../src/files/file-error.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-error-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'file'), '')
  symlinkSync('circle', join(folder, 'circle'))
})

const read = (path: string) => readFileSync(path)

test.each<[string, string, (path: string) => unknown]>([
  ['missing', 'no such file or directory', read],
  ['.', 'it is a folder', read],
  ['file/below', 'a part of the path is not a folder', read],
  ['circle', 'its symbolic links lead nowhere', read],
  ['n'.repeat(300), 'name too long', read],
  ["it's, open 'x'", 'no such file or directory', read],
  ['file', 'a part of the path is not a folder', path => readdirSync(path)],
])('of %j it says %j, with the path once', (name, reason, act) => {
  const path = join(folder, name)
  let cause: unknown
  try {
    act(path)
  } catch (thrown) {
    cause = thrown
  }
  expect(fileError('unreadable', path, cause)).toMatchObject({
    code: 'unreadable',
    message: `cannot read ${path}: ${reason}`,
    cause,
  })
})

test('no room is an error of its own', () => {
  let cause: unknown
  try {
    writeSync(openSync('/dev/full', 'w'), 'x')
  } catch (thrown) {
    cause = thrown
  }
  expect(fileError('unwritable', 'x', cause)).toMatchObject({
    code: 'disk-full',
    message: 'cannot write x: no space left on device',
  })
})
