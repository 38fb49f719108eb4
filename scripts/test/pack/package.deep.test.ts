import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { PROGRAM_NAMES, VERSION } from '@p2p-secure-chat/core/installation'
import { FAMILIES } from '../../../packages/lab/src/attacks/attacks.ts'
import { EXERCISES } from '../../../packages/lab/src/exercise/exercises.ts'
import { folderOfFile, pack, repository, ROOT, run } from './support/installed-package.ts'

/** The package and its bill of materials, made from a commit of a known time. */
let made: readonly [string, string]
let env: NodeJS.ProcessEnv
/** What is in the package. */
let content: string

const MOST_BYTES = 3.5e6

beforeAll(async () => {
  env = (await repository()).env
  made = await pack(env)
  content = folderOfFile()
  await run('tar', ['-xzf', made[0], '-C', content])
})

const read = (name: string) => readFileSync(join(content, 'package', name), 'utf8')
const listed = (folder: string) => readdirSync(join(content, 'package', folder))

test('two builds of one commit are the same bytes', async () => {
  const again = await pack(env)
  for (const [i, file] of made.entries()) expect(readFileSync(again[i] ?? '').equals(readFileSync(file))).toBe(true)
  expect(statSync(made[0]).size).toBeLessThan(MOST_BYTES)
})

test('changes that are not committed are an error, or show in the version', async () => {
  const dirty = await repository()
  writeFileSync(join(dirty.folder, 'new'), '')
  const out = folderOfFile()
  const refused = run(process.execPath, ['--import', 'tsx', 'scripts/pack.ts', '--out', out], {
    cwd: ROOT,
    env: dirty.env,
  })
  await expect(refused).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('--dirty') })
  expect(readdirSync(out)).toEqual([])
  const [tarball] = await pack(dirty.env, '--dirty')
  expect(tarball).toContain(`p2p-secure-chat-${VERSION}-dirty.tgz`)
  const shown = await run('npx', ['--yes', '--offline', `./${basename(tarball)}`, '--version'], {
    cwd: dirname(tarball),
  })
  expect(shown.stdout).toBe(`${VERSION}-dirty\n`)
})

test('it needs nothing but Node.js, and offers every program but the one of the textbook', () => {
  const { name, version, bin, man, ...rest } = JSON.parse(read('package.json'))
  expect({ name, version }).toEqual({ name: 'p2p-secure-chat', version: VERSION })
  expect(Object.keys(rest)).toEqual(['description', 'keywords', 'license', 'type', 'engines'])
  expect(Object.keys(bin).sort()).toEqual(PROGRAM_NAMES.filter(program => program !== 'textbook').toSorted())
  for (const program of PROGRAM_NAMES) expect(existsSync(join(content, 'package', 'bin', `${program}.js`))).toBe(true)
  for (const page of man ?? []) expect(existsSync(join(content, 'package', page))).toBe(true)
})

test('it has the texts, starters, captures, plugin and examples, and no solution', () => {
  expect(listed('attacks')).toHaveLength(FAMILIES.length)
  expect(listed('starters')).toEqual(expect.arrayContaining(EXERCISES.flatMap(({ script }) => script ?? [])))
  for (const folder of ['captures', 'docs']) expect(listed(folder)).toEqual(readdirSync(join(ROOT, folder)))
  expect(listed('page')).toContain('lessons.md')
  expect(listed('wireshark')).toEqual(expect.arrayContaining(['p2p-secure-chat.lua', 'profile']))
  expect(listed('examples')).toContain('echo-bot.mjs')
  const files = readdirSync(join(content, 'package'), { recursive: true, encoding: 'utf8' })
  expect(files.filter(file => /solution|\.test\.|\/test\/|\.ts$/.test(file))).toEqual([])
})

test('the licences of all that was bundled are in it, and the bill of materials lists the same', () => {
  expect(read('LICENSE')).toBe(readFileSync(join(ROOT, 'LICENSE'), 'utf8'))
  const licensed = [...read('LICENSES-OF-LIBRARIES.md').matchAll(/^## (\S+) (\S+) \((.+)\)$/gm)]
  const bill = JSON.parse(read('sbom.cdx.json'))
  expect(bill).toEqual(JSON.parse(readFileSync(made[1], 'utf8')))
  expect(bill).toMatchObject({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: expect.stringMatching(/^urn:uuid:[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/),
    version: 1,
    metadata: {
      timestamp: '2026-01-02T03:04:05.000Z',
      component: { type: 'application', name: 'p2p-secure-chat', version: VERSION },
    },
  })
  const purls = licensed.map(([, name = '', version]) => `pkg:npm/${name.replace('@', '%40')}@${version}`)
  expect(purls).toContain(`pkg:npm/commander@14.0.3`)
  expect(bill.components.map(({ purl }: { purl: string }) => purl)).toEqual(purls)
  expect(bill.dependencies[0].dependsOn).toEqual(purls)
  const ours = readdirSync(join(ROOT, 'packages')).map(name => join(ROOT, 'packages', name, 'package.json'))
  const named = ours.flatMap(path => Object.keys(JSON.parse(readFileSync(path, 'utf8')).dependencies ?? {}))
  // inquirer is its prompts.
  const needed = named.filter(name => !name.startsWith('@p2p-secure-chat/') && name !== 'inquirer')
  expect(licensed.map(([, name]) => name)).toEqual(expect.arrayContaining(needed))
})
