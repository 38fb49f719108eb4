import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { ownerOf, ownerText } from '@p2p-secure-chat/core/files/owner'
import { runningClients } from '../../src/program/running-clients.ts'

vi.mock('node:fs/promises', async load => {
  const actual = await load<typeof import('node:fs/promises')>()
  return { ...actual, mkdir: vi.fn(actual.mkdir) }
})

const MODULE = new URL('../../dist/program/running-clients.js', import.meta.url).href

let home: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'running-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const has = (name: string) => runningClients(home).has(name)
const claim = (name: string) => runningClients(home).claim(name)
const files = () => readdirSync(join(home, '.running'))

/** Another process, which has that name. */
function other(name: string) {
  const child = spawn('sleep', ['60'])
  onTestFinished(() => void child.kill())
  mkdirSync(join(home, '.running'), { recursive: true })
  const file = join(home, '.running', `${name}.lock`)
  writeFileSync(file, ownerText(ownerOf(child.pid)))
  return { child, file }
}

test('nobody runs in a home that is not there', async () => {
  rmSync(home, { recursive: true })
  expect(await has('alice')).toBe(false)
})

test('the name of another process is in use, and no other one', async () => {
  other('alice')
  other('b-o.b_2.1')
  for (const name of ['alice', 'b-o.b_2.1']) expect([await has(name), await claim(name)]).toEqual([true, null])
  for (const name of ['b-o.b_2', 'ali', 'alice.1']) expect(await has(name)).toBe(false)
  expect(files(), 'who is refused leaves nothing').toHaveLength(2)
})

/** Processes that claim a name at once, and say on a line what came of it. */
async function race(runners: number): Promise<string[]> {
  const source = `
    const { runningClients } = await import(${JSON.stringify(MODULE)})
    process.stdin.once('data', async () => {
      const withdraw = await runningClients(${JSON.stringify(home)}).claim('alice')
      process.stdout.write(withdraw === null ? 'refused' : 'runs')
    }).once('end', () => process.exit())
    process.stdout.write('ready')`
  const children = Array.from({ length: runners }, () => spawn(process.execPath, ['--input-type=module', '-e', source]))
  onTestFinished(() => {
    for (const child of children) child.kill()
  })
  const next = () => Promise.all(children.map(async ({ stdout }) => String((await once(stdout, 'data'))[0])))
  await next()
  const outcomes = next()
  for (const { stdin } of children) stdin.write('go')
  return outcomes
}

test('of processes that take a name at once, one gets it, also that of one that crashed', async () => {
  const { child } = other('alice')
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect((await race(4)).toSorted()).toEqual(['refused', 'refused', 'refused', 'runs'])
})

test('a client does not stand in its own way, and takes its file with it', async () => {
  const withdraw = await claim('alice')
  expect(files()).toEqual(['alice.lock'])
  expect(await has('alice')).toBe(false)
  await withdraw?.()
  await withdraw?.()
  expect(files()).toEqual([])
})

test('a client that was killed does not hold the name, nor does another program that got its number', async () => {
  const { child, file } = other('alice')
  writeFileSync(file, ownerText({ ...ownerOf(child.pid), started: '1' }))
  expect(await has('alice')).toBe(false)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await has('alice')).toBe(false)
  const withdraw = await claim('alice')
  await withdraw?.()
  expect(existsSync(file)).toBe(false)
})

test('files of clients of older versions are cleared away', async () => {
  const { file } = other('bob')
  writeFileSync(join(home, '.running', 'alice@_1__10001.4711'), '')
  writeFileSync(join(home, '.running', 'alice@127.0.0.1_10001.4711'), '')
  await (await claim('alice'))?.()
  expect(files()).toEqual([basename(file)])
})

test('a client that is stopped holds its name, however long', async () => {
  const { file } = other('alice')
  utimesSync(file, 1e9, 1e9)
  expect(await has('alice')).toBe(true)
})

test.each(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT'])(
  'a home that takes no file (%s) keeps nobody from anything',
  async code => {
    vi.mocked(mkdir).mockRejectedValueOnce(Object.assign(new Error(code), { code }))
    const withdraw = await claim('alice')
    await withdraw?.()
    expect(await has('alice')).toBe(false)
  },
)

test.each<[string, (path: string) => void]>([
  ['.running', path => writeFileSync(path, '')],
  ['.running/alice.lock', path => mkdirSync(path, { recursive: true })],
])('what is in the place of %s is named', async (place, make) => {
  make(join(home, place))
  await expect(claim('alice')).rejects.toMatchObject({
    code: 'unwritable',
    message: expect.stringContaining(join(home, place)),
  })
})
