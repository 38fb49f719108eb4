import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import {
  DATA_FOLDER_NAMES,
  dataFolder,
  PROGRAM_NAMES,
  programFile,
  readDataFile,
  VERSION,
} from '../src/installation.ts'
import { binPath } from './support/process.ts'

const root = new URL('../../../', import.meta.url)
const manifests = [
  'package.json',
  ...readdirSync(new URL('packages', root)).map(name => `packages/${name}/package.json`),
]

test.each(manifests)('%s names the version that the programs name', file => {
  expect(JSON.parse(readFileSync(new URL(file, root), 'utf8')).version).toBe(VERSION)
})

test('every program is where its name says, and is the one that a checkout offers under that name', () => {
  for (const name of PROGRAM_NAMES) {
    expect(existsSync(programFile(name)), name).toBe(true)
    if (name !== 'textbook') expect(programFile(name)).toBe(binPath(name))
  }
})

test('every data folder is there, and a file that is missing is reported as a part of the program', () => {
  for (const name of DATA_FOLDER_NAMES) expect(readdirSync(dataFolder(name)).length).toBeGreaterThan(0)
  expect(() => readDataFile('page', 'missing.css')).toThrow(
    expect.objectContaining({ code: 'unreadable', hint: `install p2p-secure-chat ${VERSION} again` }),
  )
})

test('the version that CHANGELOG.md describes first is this one', () => {
  const [, first] = /^## (\S+)/m.exec(readFileSync(fileURLToPath(new URL('CHANGELOG.md', root)), 'utf8')) ?? []
  expect(first).toBe(VERSION)
})
