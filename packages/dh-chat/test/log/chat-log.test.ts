import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { ChatEvent } from '@p2p-secure-chat/basic-p2p/chat/chat-event'
import { RENEWAL } from '@p2p-secure-chat/core/files/owned-file'
import { ownerOf, ownerText, parseOwner } from '@p2p-secure-chat/core/files/owner'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { polling } from '../../../core/test/support/patience.ts'
import { type ChatLog, chatLog } from '../../src/log/chat-log.ts'
import { temporaryFolder } from '../support/chat-testbed.ts'
import { keep, read } from '../support/log-file.ts'
import { alice, bob } from '../support/people.ts'

vi.mock('node:fs/promises', async load => {
  const actual = await load<typeof import('node:fs/promises')>()
  return { ...actual, open: vi.fn(actual.open) }
})

let folder: string
let told: string[]
beforeEach(() => {
  folder = temporaryFolder()
  told = []
})

const file = (name: string) => join(folder, name)

/** A client of alice's that has just started. */
async function start(encrypted = true, at = folder): Promise<ChatLog> {
  const log = chatLog({ folder: at, keys: alice, encrypted, passphraseCommand: 'chat-client identity passphrase' })
  await log.start(
    ({ code, message }) => told.push(`${code} ${message}`),
    text => told.push(text),
  )
  return log
}

const opened: ChatEvent = {
  event: 'open',
  peer: 'bob',
  via: 'direct',
  notices: [],
  confidential: true,
  integrity: true,
  identity: 'known',
  fingerprint: bob.fingerprint,
  safetyNumber: null,
}

const said = (text: string): ChatEvent => ({ event: 'message', peer: 'bob', direction: 'in', id: '1', text })

test('a log is off until it is turned on, and then on in the next run too', async () => {
  const first = await start()
  first.follow(opened)
  first.follow(said('not kept'))
  expect([first.on, await first.size(), readdirSync(folder)]).toEqual([false, null, []])
  await first.turnOn()
  first.follow(said('kept'))
  await first.stop()

  const second = await start()
  expect([second.on, told]).toEqual([true, [`the log is on: ${second.path}`]])
  second.follow(opened)
  second.follow(said('kept as well'))
  await second.turnOff()
  second.follow(said('not kept'))
  await second.stop()
  expect((await start()).on).toBe(false)
  expect(await read(file('log'))).toMatchObject({ texts: ['kept', 'kept as well'], damage: null, unfinished: 0 })
  expect(readdirSync(folder)).toEqual(['log'])
})

test('what is typed at once is done in turn', async () => {
  const log = await start()
  await Promise.all([log.turnOn(), log.turnOn(), log.turnOff(), log.turnOn()])
  log.follow(opened)
  log.follow(said('once'))
  await Promise.all([log.turnOff(), log.turnOff(), log.stop()])
  expect(await read(file('log'))).toMatchObject({ texts: ['once'], damage: null, unfinished: 0 })
})

test('without a passphrase nothing is kept, and it says how to set one', async () => {
  const log = await start(false)
  await expect(log.turnOn()).rejects.toMatchObject({
    code: 'bad-passphrase',
    hint: 'leave, set one with chat-client identity passphrase, then start again',
  })
  expect([log.on, readdirSync(folder)]).toEqual([false, []])

  writeFileSync(file('log.on'), '')
  expect((await start(false)).on).toBe(false)
  expect(told).toEqual([expect.stringMatching(/^bad-passphrase no log is kept: /)])
})

test('calls that lead to no conversation have no place in it', async () => {
  const log = await start()
  await log.turnOn()
  log.follow({ event: 'call', peer: 'bob', direction: 'outgoing', asks: false })
  log.follow({ event: 'closed', peer: 'bob', reason: 'timeout', code: 'no-answer', message: null })
  log.follow({ event: 'error', code: 'bad-name', message: 'something else' })
  const size = await log.size()
  log.follow(opened)
  expect(await log.size()).toBeGreaterThan(size ?? 0)
  await log.stop()
})

test('erasing takes the log and the wish for one away', async () => {
  const log = await start()
  await log.turnOn()
  await log.erase()
  expect([log.on, readdirSync(folder)]).toEqual([false, []])
  await log.erase()
  await log.turnOn()
  expect((await read(log.path)).damage).toBeNull()
  await log.stop()
})

test('a log can be erased on a full disk, which has no room for its lock', async () => {
  await keep(file('log'), ['one'])
  const log = await start()
  vi.mocked(open).mockRejectedValueOnce(Object.assign(new Error('no space left'), { code: 'ENOSPC' }))
  await log.erase()
  expect(readdirSync(folder)).toEqual([])
})

test('one client at a time keeps it; of one that is gone nothing stays in the way', async () => {
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  onTestFinished(() => void other.kill('SIGKILL'))
  writeFileSync(file('log.lock'), ownerText(ownerOf(other.pid)))
  const log = await start()
  let now = performance.now()
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 500))
  await expect(log.turnOn()).rejects.toMatchObject({
    code: 'unwritable',
    message: expect.stringContaining(`process ${other.pid}`),
  })
  expect(log.on).toBe(false)

  clock.mockRestore()

  other.kill('SIGKILL')
  await once(other, 'exit')
  await log.turnOn()
  expect(parseOwner(readFileSync(file('log.lock'), 'utf8'))).toEqual(ownerOf())
  await log.stop()
  expect(existsSync(file('log.lock'))).toBe(false)
})

test.each<[string, (log: ChatLog) => Promise<void> | void]>([
  ['hears of a text', log => log.follow(said('late'))],
  ['ends', log => log.stop()],
  ['is turned off', log => log.turnOff()],
])('a client whose log was taken over adds nothing to it when it %s', async (_, act) => {
  const overtaken = await start()
  await overtaken.turnOn()
  overtaken.follow(opened)
  overtaken.follow(said('before'))
  writeFileSync(file('log.lock'), ownerText({ ...ownerOf(), place: 'another machine' }))
  utimesSync(file('log.lock'), 1e9, 1e9)
  const next = await start()
  await next.turnOn()
  next.follow(opened)
  next.follow(said('after'))
  const before = readFileSync(file('log'))
  await act(overtaken)
  await overtaken.stop()
  expect(overtaken.on).toBe(false)
  expect(readFileSync(file('log'))).toEqual(before)
  await next.stop()
  expect(await read(file('log'))).toMatchObject({ texts: ['before', 'after'], damage: null, unfinished: 1 })
})

test('a client whose lock is lost ends its log without a word in it', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const log = await start()
  await log.turnOn()
  const before = readFileSync(file('log'))
  writeFileSync(file('log.lock'), ownerText())
  vi.advanceTimersByTime(RENEWAL)
  await vi.waitFor(() => expect(log.on).toBe(false), polling())
  await log.stop()
  expect(readFileSync(file('log'))).toEqual(before)
  expect(told).toEqual([expect.stringMatching(/^unwritable the log keeps nothing more: another program took over/)])
})

test.each(['', '0', '-1', 'nonsense', String(process.pid)])('a lock that says %j holds nobody up', async owner => {
  if (owner === '') writeFileSync(file('log.lock'), '')
  else symlinkSync(owner, file('log.lock'))
  const log = await start()
  await log.turnOn()
  await log.stop()
})

test('a half entry is told of', async () => {
  await keep(file('log'), ['one'])
  writeFileSync(file('log'), readFileSync(file('log')).subarray(0, -1))
  writeFileSync(file('log.on'), '')
  await (await start()).stop()
  expect(told).toEqual([
    expect.stringMatching(/^the log ended in the middle of an entry, .* last 316 bytes were removed$/),
    `the log is on: ${file('log')}`,
  ])
})

test('a log that can not be kept is said so, at the start and on request', async () => {
  writeFileSync(file('log'), 'something else')
  const before = readFileSync(file('log'))
  writeFileSync(file('log.on'), '')
  const log = await start()
  expect([log.on, told]).toEqual([
    false,
    [expect.stringMatching(/^bad-log no log is kept: .* is not a valid log from byte 0 on$/)],
  ])
  await expect(log.turnOn()).rejects.toMatchObject({ code: 'bad-log' })
  expect(readFileSync(file('log'))).toEqual(before)
  expect(existsSync(file('log.lock'))).toBe(false)

  mkdirSync(file('below'))
  writeFileSync(file('below/alice'), '')
  const nowhere = await start(true, file('below/alice'))
  await expect(nowhere.turnOn()).rejects.toMatchObject({ code: 'unwritable' })
})
