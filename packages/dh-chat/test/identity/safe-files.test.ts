import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { ownerOf, ownerText } from '@p2p-secure-chat/core/files/owner'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { runBin } from '../../../core/test/support/process.ts'
import { readPrivateFile } from '../../src/identity/own-files.ts'
import { requireSafeFiles } from '../../src/identity/safe-files.ts'
import { temporaryFolder } from '../support/chat-testbed.ts'

vi.mock('node:fs/promises', async load => {
  const actual = await load<typeof import('node:fs/promises')>()
  return { ...actual, open: vi.fn(actual.open) }
})

let home: string
let notes: string[]
beforeEach(() => {
  notes = []
  home = join(temporaryFolder(), "alice's home")
  for (const folder of ['alice', '.running']) mkdirSync(join(home, folder), { recursive: true, mode: 0o700 })
  for (const file of ['identity.pem', 'known_peers', 'blocked', 'log']) {
    writeFileSync(join(home, 'alice', file), '', { mode: 0o600 })
  }
})

const check = () => requireSafeFiles(home, 'alice', text => void notes.push(text))

const places = ['', '.running', 'alice', 'alice/identity.pem', 'alice/known_peers', 'alice/blocked', 'alice/log']

describe.each(places)('HOME/%s', place => {
  test.each([0o020, 0o002])('that others may write to (%o) is refused, and what is advised mends it', async bits => {
    const path = join(home, place)
    chmodSync(path, (statSync(path).mode & 0o777) | bits)
    const error: unknown = await check().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'unsafe-file', exitCode: 3, message: `other users can change ${path}` })
    const advice = error instanceof Error && 'hint' in error ? String(error.hint) : ''
    execFileSync('sh', ['-c', advice.replace(/^.*then: /, '')])
    await check()
    expect(notes).toEqual([])
  })

  test.skipIf(process.getuid?.() !== 0)('that belongs to another user is refused, with the chown', async () => {
    chownSync(join(home, place), 54_321, 0)
    await expect(check()).rejects.toMatchObject({
      code: 'unsafe-file',
      message: expect.stringMatching(/ belongs to another user \(54321\)/),
      hint: expect.stringMatching(/^chown root '.*alice/),
    })
  })
})

test('what others may read is not changed by that; neither is a sticky folder, nor one that is not there yet', async () => {
  chmodSync(home, 0o1777)
  chmodSync(join(home, 'alice'), 0o755)
  chmodSync(join(home, 'alice', 'known_peers'), 0o644)
  await check()
  await requireSafeFiles(join(home, 'none'), 'bob', expect.fail)
})

test('a link is judged by what it leads to', async () => {
  const elsewhere = join(temporaryFolder(), 'home')
  renameSync(home, elsewhere)
  symlinkSync(elsewhere, home)
  await check()
  chmodSync(elsewhere, 0o770)
  await expect(check()).rejects.toMatchObject({ code: 'unsafe-file' })
})

/** As on FAT: every file that is made is open to everybody, whatever was asked for. */
function withoutModes(): void {
  vi.mocked(open).mockImplementationOnce(async (path, flags) => {
    const { open: really } = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises')
    const handle = await really(path, flags)
    await handle.chmod(0o777)
    return handle
  })
}

test('a file system without modes is noted once, and serves nevertheless', async () => {
  for (const place of places) chmodSync(join(home, place), 0o777)
  withoutModes()
  await check()
  expect(notes).toEqual([expect.stringMatching(/^the file system of .*alice's home keeps no permissions: /)])
  expect(readdirSync(home)).toEqual(['.running', 'alice'])
  withoutModes()
  expect(await readPrivateFile(join(home, 'alice', 'identity.pem'))).toBe('')
})

test.skipIf(process.getuid?.() !== 0)('nobody else can claim that a client of ours runs in a sticky home', async () => {
  chmodSync(home, 0o1777)
  writeFileSync(join(home, '.running', 'alice.lock'), ownerText(ownerOf(process.ppid)))
  chownSync(join(home, '.running'), 54_321, 0)
  const { stderr } = await runBin('dh-chat-client', ['--name', 'alice', '--home', home], { input: '' })
  expect(stderr).toMatch(/^error: .*\.running belongs to another user \(54321\), who can change it \(unsafe-file\)$/m)
})

test('every command with an identity refuses them, before it makes or asks for anything', async () => {
  chmodSync(home, 0o777)
  const elsewhere = temporaryFolder()
  utimesSync(elsewhere, 1e9, 1e9)
  rmdirSync(join(home, '.running'))
  symlinkSync(elsewhere, join(home, '.running'))
  for (const args of [[], ['identity', 'show'], ['log']]) {
    const { code, stderr } = await runBin('dh-chat-client', [...args, '--name', 'alice', '--home', home], { input: '' })
    expect(stderr).toMatch(/^error: other users can change .*alice's home \(unsafe-file\)\n {2}.*chmod go-w '\/.*'\n$/)
    expect(code).toBe(3)
    expect(statSync(elsewhere).mtimeMs, 'nothing was made there, and be it for a moment').toBe(1e12)
  }
})
