import { expect, test } from 'vitest'
import { architectureFaults } from './support/architecture.ts'
import { readSources } from './support/sources.ts'

test('every source file keeps to its room', () => {
  const sources = readSources()
  expect(sources.size).toBeGreaterThan(100)
  expect(architectureFaults(sources)).toEqual([])
})

const planted = (...files: [path: string, source: string][]) => architectureFaults(new Map(files))

test.each([
  ['core/src/wire/a.ts', "import { connect } from 'node:net'", 'core/wire is pure'],
  ['core/src/wire/a.ts', "import type { Socket } from 'node:net'", 'core/wire is pure'],
  ['core/src/calc/a.ts', "import chalk from 'chalk'", 'core/calc is pure'],
  ['core/src/dh/a.ts', "import * as readline from 'node:readline/promises'", 'core/dh is pure'],
  ['core/src/cipher/a.ts', "export { x } from '../../src/net/dial.ts'", 'core/cipher does not know core/net'],
  [
    'core/src/wire/a.ts',
    "const x = await import('../../src/terminal/colour.ts')",
    'core/wire does not know core/terminal',
  ],
  [
    'core/src/wire/a.ts',
    "import {\n  type A,\n  b,\n} from '../../src/cipher/mac.ts'",
    'core/wire does not know core/cipher',
  ],
  ['core/src/net/a.ts', "import { x } from '../../src/terminal/colour.ts'", 'core/net does not know core/terminal'],
  ['core/src/wire/a.ts', "import { x } from '../../src/files/new-file.ts'", 'core/wire does not know core/files'],
  ['core/src/wire/a.ts', 'const now = Date.now()', 'uses Date'],
  ['core/src/dh/a.ts', 'const t = performance.now()', 'uses performance'],
  ['core/src/wire/a.ts', 'setTimeout(act, 5)', 'uses setTimeout'],
  ['core/src/cipher/a.ts', "if (process.env['DEBUG']) act()", 'uses process.env'],
  ['dissector/src/capture/a.ts', 'const now = Date.now()', 'uses Date'],
  ['dissector/src/dissect/a.ts', "import { readFileSync } from 'node:fs'", 'dissector/src/dissect/ is pure'],
  ['dissector/src/message/a.ts', 'const now = new Date()', 'uses Date'],
  ['dissector/src/page/a.ts', "import { x } from '../reader/x.ts'", 'stands in a higher room'],
  ['basic-p2p/src/a.ts', "import { createServer, type Socket } from 'node:net'", 'imports createServer of node:net'],
  ['lab/src/a.ts', "import net from 'node:net'", 'imports * of node:net'],
  ['dh-chat/src/a.ts', "import { Chalk } from 'chalk'", 'only core/terminal'],
  ['dh-chat/src/a.ts', "process.stdout.write('hello')", 'uses process.stdout'],
  ['calculator/src/a.ts', "console.log('hello')", 'uses console'],
  ['core/src/errors.ts', "import { x } from '@p2p-secure-chat/lab/demo'", 'does not stand below core'],
  [
    'calculator/src/a.ts',
    "import { x } from '@p2p-secure-chat/basic-p2p/chat/session'",
    'does not stand below calculator',
  ],
  ['dh-chat/src/a.ts', "import type { X } from '@p2p-secure-chat/aes-chat/epoch'", 'does not stand below dh-chat'],
  ['basic-p2p/src/a.ts', "import { x } from '../../dh-chat/src/identity/peer.ts'", 'does not stand below basic-p2p'],
  ['aes-chat/src/a.ts', "await import('@p2p-secure-chat/lab/demo')", 'does not stand below aes-chat'],
  ['basic-p2p/src/chat/a.ts', "import type { X } from '../client/x.ts'", 'stands in a higher room'],
  ['basic-p2p/src/messages/a.ts', "import { x } from '@p2p-secure-chat/basic-p2p/files/x'", 'stands in a higher room'],
  ['basic-p2p/src/program/completion/a.ts', "import { x } from '../../rung.ts'", 'stands in a higher room'],
  ['basic-p2p/src/commands/a.ts', "await import('../attic/x.ts')", 'stands in a higher room'],
  ['dh-chat/src/a.ts', 'const x = Math.random()', 'uses Math.random'],
  ['core/src/net/a.ts', "import './a.ts'", 'imports itself'],
  ['dh-chat/src/bin/a.ts', "import * as v from 'valibot'", 'loads valibot at its start'],
])('in %s, %j is found', (path, source, fault) => {
  expect(planted([path, source])).toEqual([expect.stringContaining(`${path}: `)])
  expect(planted([path, source])).toEqual([expect.stringContaining(fault)])
})

test('a cycle through several files and a heavy import behind a light one are found', () => {
  expect(
    planted(
      ['dh-chat/src/a.ts', "import { b } from './b.ts'"],
      ['dh-chat/src/b.ts', "import { c } from './c.ts'"],
      ['dh-chat/src/c.ts', "export const a = () => import('./a.ts')"],
      ['aes-chat/src/bin/x.ts', "import { y } from '@p2p-secure-chat/dh-chat/y'"],
      ['dh-chat/src/y.ts', "import inquirer from 'inquirer'"],
    ),
  ).toEqual([
    'dh-chat/src/a.ts: imports itself through dh-chat/src/b.ts -> dh-chat/src/c.ts -> dh-chat/src/a.ts',
    'aes-chat/src/bin/x.ts: loads inquirer at its start, in dh-chat/src/y.ts',
  ])
})

test('what is allowed is not a fault', () => {
  expect(
    planted(
      ['core/src/wire/a.ts', "import { hash } from 'node:crypto'\nimport { b } from './b.ts'\nprocess.nextTick(b)"],
      ['core/src/wire/b.ts', "// Math.random and Date.now() would be wrong here\nexport const b = 'Date'.length"],
      ['core/src/net/c.ts', "import { connect } from 'node:net'\nimport { a } from '../wire/a.ts'"],
      ['core/src/terminal/d.ts', "import chalk from 'chalk'\nprocess.stdout.write('hello')"],
      ['basic-p2p/src/client/g.ts', "import type { X } from '../chat/x.ts'\nexport { y } from './y.ts'"],
      ['basic-p2p/src/bin/g.ts', "import { x } from '../x.ts'\nimport { y } from '../program/deep/y.ts'"],
      ['basic-p2p/src/e.ts', "import { isIP, type Socket } from 'node:net'\nimport type { Server } from 'node:net'"],
      ['aes-chat/src/bin/f.ts', "import { Command } from 'commander'\nconst g = await import('../g.ts')"],
      ['aes-chat/src/g.ts', "import * as v from 'valibot'\nimport { e } from '@p2p-secure-chat/basic-p2p/e'"],
    ),
  ).toEqual([])
})
