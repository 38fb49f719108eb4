import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

// What the workflows say about this repository is true of it. That they run, only the service that runs them can show.

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}

interface Job {
  readonly 'timeout-minutes'?: number
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly string[]>> }
  readonly container?: { readonly image: string }
  readonly permissions?: Readonly<Record<string, string>>
  readonly steps: readonly Step[]
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions: Readonly<Record<string, string>>
  readonly concurrency: unknown
  readonly jobs: Readonly<Record<string, Job>>
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const FOLDER = join(ROOT, '.github', 'workflows')

const text = (name: string) => readFileSync(join(FOLDER, name), 'utf8')
const workflow = (name: string): Workflow => parse(text(name))
const commands = (name: string) =>
  Object.values(workflow(name).jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []))

const { engines, scripts, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
const [, floor = ''] = /^>=(\d+\.\d+)$/.exec(engines.node) ?? []

test.each(readdirSync(FOLDER))('%s can do little, ends in time, and runs the code that was pinned', name => {
  const { permissions, concurrency, jobs } = workflow(name)
  expect(permissions).toEqual({ contents: 'read' })
  expect(concurrency).toBeDefined()
  for (const job of Object.values(jobs)) expect(job['timeout-minutes']).toBeLessThanOrEqual(30)
  const uses = [...text(name).matchAll(/\buses: (.*)$/gm)].map(([, action]) => action)
  expect(uses).not.toEqual([])
  for (const action of uses) expect(action).toMatch(/^actions\/[\w-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/)
})

test.each(readdirSync(FOLDER))('the commands of %s exist', name => {
  const all = commands(name).join('\n')
  expect(all).toMatch(/^\.ci\/run$/m)
  expect(existsSync(join(ROOT, '.ci/run'))).toBe(true)
  for (const [, script = 'test'] of all.matchAll(/\bnpm (?:run ([\w:-]+)|test$)/gm))
    expect(scripts).toHaveProperty([script])
})

test('the tests run on three systems, and on every Node.js from the oldest that is supported', () => {
  const { on, jobs } = workflow('ci.yml')
  expect(Object.keys(on)).toEqual(['push', 'pull_request'])
  const { os = [], node = [] } = jobs['test']?.strategy?.matrix ?? {}
  expect(os.map(name => name.replace(/-.*/, ''))).toEqual(['ubuntu', 'macos', 'windows'])
  expect(node).toEqual([floor, '22', '24'])
  expect(jobs['everything']?.container?.image).toBe(`node:${floor.replace(/\..*/, '')}-bookworm`)
})

test('the tools that are installed are among those that .ci/run wants', () => {
  const [, installed = ''] = /--no-install-recommends (.*)$/m.exec(commands('ci.yml').join('\n')) ?? []
  const [, wanted = ''] = /^for tool in (.*); do$/m.exec(readFileSync(join(ROOT, '.ci/run'), 'utf8')) ?? []
  expect(wanted.split(' ')).toEqual(expect.arrayContaining(installed.split(' ')))
})

test('a release is what `npm run pack` makes of a tagged commit, and nothing that was not tested is published', () => {
  const { on, jobs } = workflow('release.yml')
  expect(on).toEqual({ push: { tags: ['v[0-9]+.[0-9]+.[0-9]+'] } })
  expect(version).toMatch(/^\d+\.\d+\.\d+$/)
  const all = commands('release.yml')
  const order = [/GITHUB_REF_NAME" = "v/, /^\.ci\/run$/, /^npm run pack$/, /^npm publish /, /^gh release create /]
  expect(order.map(command => all.findIndex(run => command.test(run)))).toEqual([1, 2, 3, 4, 5])
  expect(jobs['publish']).toMatchObject({ needs: 'package', permissions: { contents: 'write', 'id-token': 'write' } })
  const [publish = ''] = all.filter(run => run.startsWith('npm publish '))
  expect(publish).toBe('npm publish --provenance --access public ./pack/p2p-secure-chat-*.tgz')
  const packing = readFileSync(join(ROOT, 'scripts/pack/package.ts'), 'utf8')
  expect(packing).toContain("const OUTPUT = join(ROOT, 'pack')")
  expect(packing).toContain("const NAME = 'p2p-secure-chat'")
})
