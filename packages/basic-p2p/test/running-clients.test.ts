import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { ownerOf, ownerText } from '@p2p-secure-chat/core/files/owner'
import { runningClients } from '../src/program/running-clients.ts'

const directory = { host: '127.0.0.1', port: 10_001 }

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'running-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const names = async (at = directory) => [...(await runningClients(home).names(at))]
const files = () => readdirSync(join(home, '.running'))

/** Another process, which announced itself in that name. */
function other(name: string, options: { directory?: string } = {}) {
  const child = spawn('sleep', ['60'])
  onTestFinished(() => void child.kill())
  mkdirSync(join(home, '.running'), { recursive: true })
  const file = join(home, '.running', `${name}@${options.directory ?? '127.0.0.1_10001'}.${child.pid}`)
  writeFileSync(file, ownerText(ownerOf(child.pid)))
  return { child, file }
}

test('nobody runs in a home that is not there', async () => {
  rmSync(home, { recursive: true })
  expect(await names()).toEqual([])
})

test('the name of another process is in use at its directory and nowhere else', async () => {
  other('alice')
  other('b-o.b_2')
  other('carol', { directory: '___1__10001' })
  expect((await names()).toSorted()).toEqual(['alice', 'b-o.b_2'])
  expect(await names({ host: '::1', port: 10_001 })).toEqual(['carol'])
  expect(await names({ host: '127.0.0.1', port: 10_002 })).toEqual([])
})

test('a client does not stand in its own way, and takes its file with it', async () => {
  const withdraw = await runningClients(home).announce('alice', directory)
  expect(files()).toEqual([`alice@127.0.0.1_10001.${process.pid}`])
  expect(await names()).toEqual([])
  withdraw()
  withdraw()
  expect(files()).toEqual([])
})

test('a client that runs on renews its file, even one that was swept away', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const withdraw = await runningClients(home).announce('alice', directory)
  onTestFinished(withdraw)
  const [file = ''] = files()
  rmSync(join(home, '.running', file))
  vi.advanceTimersByTime(10_000)
  await vi.waitFor(() => expect(files()).toEqual([file]))
})

test('who was killed does not hold the name', async () => {
  const { child, file } = other('alice')
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await names()).toEqual([])
  expect(existsSync(file)).toBe(false)
})

test('nor does another program that got the number of a process that is gone', async () => {
  const { child, file } = other('alice')
  writeFileSync(file, ownerText({ ...ownerOf(child.pid), started: '1' }))
  expect(await names()).toEqual([])
})

test('a client that is stopped holds its name, however long', async () => {
  const { file } = other('alice')
  utimesSync(file, 1e9, 1e9)
  expect(await names()).toEqual(['alice'])
})

test('files of others in that folder are left alone', async () => {
  mkdirSync(join(home, '.running'))
  for (const name of ['README', 'alice', '@x.1', 'alice@x.y']) writeFileSync(join(home, '.running', name), '')
  expect(await names()).toEqual([])
  expect(files()).toHaveLength(4)
})

test('a home that can not be written to keeps nobody from anything', async () => {
  writeFileSync(join(home, '.running'), '')
  const withdraw = await runningClients(home).announce('alice', directory)
  withdraw()
  expect(await names()).toEqual([])
})
