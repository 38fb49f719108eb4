import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { expandTilde, userFolder } from '@p2p-secure-chat/core/files/user-folder'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { runBin } from '../../../core/test/support/process.ts'
import { homeFolder, namesIn } from '../../src/program/home-folder.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

vi.mock('node:os', async load => {
  const actual = await load<typeof import('node:os')>()
  return { ...actual, userInfo: vi.fn(actual.userInfo) }
})

let user: string
beforeEach(() => {
  user = temporaryFolder()
})

const hidden = () => join(user, '.p2p-secure-chat')

function withoutAccount(): void {
  vi.mocked(userInfo).mockImplementation(() => {
    throw new Error('A system error occurred: uv_os_get_passwd returned ENOENT')
  })
  onTestFinished(() => void vi.mocked(userInfo).mockReset())
}

test('the home is the one that was given, else where it is already, else with the data of the user', () => {
  const data = join(user, 'data')
  const env = { HOME: user, XDG_DATA_HOME: data }
  expect(homeFolder('here', env)).toBe(resolve('here'))
  expect(homeFolder(undefined, env)).toBe(join(data, 'p2p-secure-chat'))
  for (const none of [undefined, '', 'relative']) {
    expect(homeFolder(undefined, { HOME: user, XDG_DATA_HOME: none })).toBe(hidden())
  }
  mkdirSync(hidden())
  expect(homeFolder(undefined, env)).toBe(hidden())
})

test('the same name in two homes is ambiguous, unless both are one file; a home that cannot be read is an error', () => {
  const env = { HOME: user, XDG_DATA_HOME: join(user, 'data') }
  const other = join(user, 'data', 'p2p-secure-chat')
  for (const home of [hidden(), other]) {
    mkdirSync(join(home, 'alice'), { recursive: true })
    writeFileSync(join(home, 'alice', 'identity.pem'), '')
  }
  expect(() => homeFolder(undefined, env)).toThrow(expect.objectContaining({ code: 'ambiguous' }))
  rmSync(other, { recursive: true })
  symlinkSync(hidden(), other)
  expect(homeFolder(undefined, env)).toBe(hidden())
  const file = join(hidden(), 'alice', 'identity.pem')
  for (const home of [file, join(file, 'below')]) {
    expect(() => namesIn(home)).toThrow(expect.objectContaining({ code: 'unreadable' }))
  }
  expect(namesIn(join(user, 'nowhere'))).toEqual([])
})

test.each([undefined, '', '.', 'relative/home'])('a HOME of %j is none: the account says where it is', HOME => {
  const { homedir } = userInfo()
  expect(userFolder({ HOME })).toBe(homedir)
  withoutAccount()
  expect(userFolder({ HOME })).toBeNull()
  expect(() => homeFolder(undefined, { HOME })).toThrow(
    expect.objectContaining({ code: 'usage', hint: expect.stringContaining('--home') }),
  )
  expect(homeFolder(user, { HOME })).toBe(user)
  expect(homeFolder(undefined, { HOME, XDG_DATA_HOME: user })).toBe(join(user, 'p2p-secure-chat'))
})

test('a tilde is the folder of the user, where there is one', () => {
  vi.stubEnv('HOME', user)
  onTestFinished(() => void vi.unstubAllEnvs())
  expect(expandTilde('~/photo.jpg')).toBe(join(user, 'photo.jpg'))
  expect(expandTilde('~')).toBe(join(user))
  expect(expandTilde('~alice/photo.jpg')).toBe('~alice/photo.jpg')
  expect(homeFolder('~/chat')).toBe(join(user, 'chat'))
  vi.stubEnv('HOME', '')
  withoutAccount()
  expect(expandTilde('~/photo.jpg')).toBe('~/photo.jpg')
})

describe('a flag with an empty value', () => {
  test.each([
    ['basic-chat-client', '--name', 'alice', '--directory', ''],
    ['basic-chat-client', '--name', 'alice', '--accept-files', ''],
    ['basic-chat-client', '--name', 'alice', '--to', 'bob', '--wait', ''],
    ['basic-chat-server', '--host', ''],
    ['basic-chat-client', 'completion', ''],
  ])('is wrong usage: %s %s', async (bin, ...args) => {
    const { code, stdout, stderr } = await runBin(bin, args, { input: '' })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^error: .* \(usage\)\n {2}\S.*\n$/)
  })
})

test('a client in a folder that was removed says what it needs of it, in words', async () => {
  const folder = join(user, 'removed')
  mkdirSync(folder)
  const within = ['sh', '-c', `rmdir ../removed; exec "$@"`, 'sh']
  const { code, stderr } = await runBin('basic-chat-client', ['--name', 'alice', '--directory', '127.0.0.1:1'], {
    input: '',
    cwd: folder,
    within,
  })
  expect(code).toBe(1)
  expect(stderr).toMatch(/^error: no directory at 127\.0\.0\.1:1 \(no-directory\)\n/)
})
