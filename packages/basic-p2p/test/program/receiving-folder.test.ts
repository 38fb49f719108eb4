import { mkdirSync, writeFileSync } from 'node:fs'
import { join, parse } from 'node:path'
import { expect, test } from 'vitest'
import { receivingFolder } from '../../src/program/receiving-folder.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const HOME = '/home/alice'
const downloads = join(HOME, 'Downloads')

/** A folder of that path in a new one, which has `.git` as a folder or a file, or not at all. */
function folder(path: string, git?: 'folder' | 'file'): string {
  const top = temporaryFolder()
  mkdirSync(join(top, path), { recursive: true })
  if (git === 'folder') mkdirSync(join(top, '.git'))
  if (git === 'file') writeFileSync(join(top, '.git'), 'gitdir: /elsewhere\n')
  return join(top, path)
}

test('files go to the folder one is in', () => {
  const here = folder('a/b')
  expect(receivingFolder(here, { HOME })).toBe(here)
})

test.each([
  ['a git work tree', () => folder('', 'folder')],
  ['deep inside of one', () => folder('a/b', 'folder')],
  ['a linked work tree', () => folder('a', 'file')],
  ['the root', () => parse(process.cwd()).root],
  ['a folder that is gone', () => join(folder(''), 'gone')],
])('in %s they go to Downloads', (_, here) => {
  expect(receivingFolder(here(), { HOME })).toBe(downloads)
})
