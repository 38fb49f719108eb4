import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { makeFolder } from '../../src/files/make-folder.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'make-folder-'))
  onTestFinished(() => rmSync(home, { recursive: true }))
})

const modeOf = (folder: string) => statSync(folder).mode & 0o777
const unwritable = expect.objectContaining({ code: 'unwritable' })

test('it makes all that is missing, with one mode, and leaves alone what is there', async () => {
  await makeFolder(join(home, 'a'), 0o755)
  await makeFolder(join(home, 'a', 'b', 'c'), 0o700)
  await makeFolder(join(home, 'a'), 0o700)
  expect(['a', 'a/b', 'a/b/c'].map(folder => modeOf(join(home, folder)))).toEqual([0o755, 0o700, 0o700])
  await makeFolder('/')
})

test('several may make the same one at once', async () => {
  await Promise.all(Array.from({ length: 20 }, () => makeFolder(join(home, 'a', 'b', 'c'))))
  expect(statSync(join(home, 'a', 'b', 'c')).isDirectory()).toBe(true)
})

test('a link to a folder is one; a file, and a link to nothing, are none', async () => {
  symlinkSync(home, join(home, 'link'))
  await makeFolder(join(home, 'link', 'b'))
  writeFileSync(join(home, 'file'), '')
  symlinkSync(join(home, 'nothing'), join(home, 'dangling'))
  for (const name of ['file', 'dangling']) {
    await expect(makeFolder(join(home, name))).rejects.toEqual(unwritable)
    await expect(makeFolder(join(home, name, 'b'))).rejects.toEqual(unwritable)
  }
})

test.runIf(process.platform === 'linux')('a folder that takes no other is an error and no endless loop', async () => {
  await expect(makeFolder('/proc/x')).rejects.toEqual(unwritable)
  await expect(makeFolder('/proc/x/y/z')).rejects.toEqual(unwritable)
})
