import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { runningClients } from '../src/program/running-clients.ts'

let home: string
const MODULE = new URL('../dist/program/running-clients.js', import.meta.url).href

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'running-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const has = (name: string) => runningClients(home).has(name)
const claim = (name: string) => runningClients(home).claim(name)
const files = () => readdirSync(join(home, '.running'))

/** Another process, which has that name or is about to take it. */
function other(name: string, content = 'running') {
  const child = spawn('sleep', ['60'])
  onTestFinished(() => void child.kill())
  mkdirSync(join(home, '.running'), { recursive: true })
  const file = join(home, '.running', `${name}.${child.pid}`)
  writeFileSync(file, content)
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

test('who starts at the same moment under a smaller number goes first, under a larger one gives way', async () => {
  const { file } = other('alice', '')
  const smaller = join(home, '.running', 'alice.1')
  const claimed = claim('alice')
  await vi.waitFor(() => expect(files()).toContain(`alice.${process.pid}`))
  rmSync(file)
  const withdraw = await claimed
  expect(withdraw).toBeTypeOf('function')
  withdraw?.()
  writeFileSync(smaller, '')
  expect(await claim('alice')).toBeNull()
})

test('a client does not stand in its own way, and takes its file with it', async () => {
  const withdraw = await claim('alice')
  expect(files()).toEqual([`alice.${process.pid}`])
  expect(await has('alice')).toBe(false)
  withdraw?.()
  withdraw?.()
  expect(files()).toEqual([])
})

test('a client that runs on renews its file, even one that was swept away', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const withdraw = await claim('alice')
  onTestFinished(() => withdraw?.())
  const [file = ''] = files()
  rmSync(join(home, '.running', file))
  vi.advanceTimersByTime(10_000)
  await vi.waitFor(() => expect(files()).toEqual([file]))
})

test('who was killed does not hold the name', async () => {
  const { child, file } = other('alice')
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await has('alice')).toBe(false)
  expect(existsSync(file)).toBe(false)
})

test('nor does another program that got the number of a process that is gone', async () => {
  const { file } = other('alice')
  const minuteAgo = Date.now() / 1000 - 60
  utimesSync(file, minuteAgo, minuteAgo)
  expect(await has('alice')).toBe(false)
})

test('files of others in that folder are left alone', async () => {
  mkdirSync(join(home, '.running'))
  for (const name of ['README', 'alice', 'alice@x.1', 'alice.y']) writeFileSync(join(home, '.running', name), '')
  expect(await has('alice')).toBe(false)
  expect(files()).toHaveLength(4)
})

test('a home that can not be written to keeps nobody from anything', async () => {
  writeFileSync(join(home, '.running'), '')
  const withdraw = await claim('alice')
  withdraw?.()
  expect(await has('alice')).toBe(false)
})
