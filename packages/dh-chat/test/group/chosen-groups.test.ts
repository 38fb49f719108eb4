import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeGroupPem } from '@p2p-secure-chat/core/dh/group-pem'
import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { afterAll, expect, test } from 'vitest'
import { hasTool } from '../../../core/test/support/tools.ts'
import { loadGroup } from '../../src/group/chosen-groups.ts'
import { checkTarget, saveGroup } from '../../src/group/params.ts'

const folder = mkdtempSync(join(tmpdir(), 'group-file-'))
afterAll(() => rmSync(folder, { recursive: true }))

const { p } = namedGroup('modp14')
const parameters = { p, g: 9n }
const path = (name: string) => join(folder, name)

function fileWith(name: string, content: string): string {
  writeFileSync(path(name), content)
  return path(name)
}

test('a name means the named group', async () => {
  expect(await loadGroup('modp16')).toBe(namedGroup('modp16'))
})

test('what is saved is loaded, checked and named by its hash', async () => {
  await saveGroup(path('saved.pem'), parameters, false)
  expect(statSync(path('saved.pem')).mode & 0o777).toBe(0o644 & ~process.umask())
  const group = await loadGroup(path('saved.pem'))
  expect(group).toMatchObject({ ...parameters, bits: 2048, exponentBits: 225 })
  expect(group.name).toMatch(/^sha256:[0-9a-f]{64}$/)
})

test.skipIf(!hasTool('openssl'))('the name of a group is what `openssl dgst` says of its DER', async () => {
  const file = fileWith('named.pem', encodeGroupPem(parameters))
  const der = execFileSync('openssl', ['dhparam', '-in', file, '-outform', 'DER'])
  const digest = execFileSync('openssl', ['dgst', '-sha256', '-r'], { input: der, encoding: 'latin1' })
  expect((await loadGroup(file)).name).toBe(`sha256:${digest.slice(0, 64)}`)
})

test.each([
  ['neither a name nor a file', () => 'ffdhe1024', 'unknown-group'],
  ['a folder', () => folder, 'unreadable'],
  ['a path through a file', () => join(fileWith('plain', ''), 'x.pem'), 'unreadable'],
  ['an empty file', () => fileWith('empty.pem', ''), 'bad-group-file'],
  ['a file without an end', () => '/dev/zero', 'bad-group-file'],
  [
    'a good block in too large a file',
    () => fileWith('large.pem', encodeGroupPem(parameters) + ' '.repeat(16384)),
    'bad-group-file',
  ],
  ['a toy group', () => fileWith('toy.pem', encodeGroupPem({ p: 23n, g: 2n })), 'weak-group'],
])('%s is refused', async (_, argument, code) => {
  await expect(loadGroup(argument())).rejects.toMatchObject({ code })
})

test('instead of a bad file, the command is shown that writes a good one', async () => {
  const hint = 'use a named group, or make one: npx --no-install dh-params --out FILE'
  await expect(loadGroup(fileWith('empty.pem', ''))).rejects.toMatchObject({ hint })
})

test('an existing file is overwritten only on request', async () => {
  const file = fileWith('mine.txt', 'precious')
  await expect(checkTarget(file, false)).rejects.toMatchObject({ code: 'unwritable' })
  await expect(saveGroup(file, parameters, false)).rejects.toMatchObject({ code: 'unwritable' })
  expect(readFileSync(file, 'utf8')).toBe('precious')
  await checkTarget(file, true)
  await saveGroup(file, parameters, true)
  expect(readFileSync(file, 'utf8')).toBe(encodeGroupPem(parameters))
})

test('a folder that is none is told before and after', async () => {
  const file = join(fileWith('no-folder', ''), 'x.pem')
  await expect(checkTarget(file, false)).rejects.toMatchObject({ code: 'unwritable' })
  await expect(saveGroup(file, parameters, false)).rejects.toMatchObject({ code: 'unwritable' })
  await expect(checkTarget(path('missing/x.pem'), true)).rejects.toMatchObject({ code: 'unwritable' })
})
