import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { temporaryFolder } from '../../basic-p2p/test/support/temporary-folder.ts'
import { afterPrograms, runBin, startBin } from '../../core/test/support/process.ts'

const home = mkdtempSync(join(tmpdir(), 'quiet-scripts-'))
afterPrograms(() => rmSync(home, { recursive: true, force: true }))
let directory: string

/** Runs a client of that name to the end of its input. */
const client = (name: string, input: string, ...flags: readonly string[]) =>
  runBin('chat-client', ['--name', name, '--home', home, '--directory', directory, '--accept', 'none', ...flags], {
    input,
  })

beforeAll(async () => {
  const { host, port } = await startBin('chat-server', ['--port', '0']).listening()
  directory = `${host}:${port}`
  // Makes her identity, which is worth a note.
  await client('alice', '')
})

test('what a script asks for comes on stdout, and remarks do not', async () => {
  const { code, stdout, stderr } = await client('alice', '/who\n/peers\n/block\n/invite\n')
  expect(code).toBe(0)
  expect(stdout.split('\n')).toEqual([
    'alice',
    'nobody yet',
    'nobody is blocked',
    expect.stringMatching(/^chat:alice@127\.0\.0\.1:\d+#/),
    '',
  ])
  expect(stderr).toContain('you are alice')
  expect((await client('alice', '/help who\n')).stdout).toMatch(/^usage: \/who /)
})

test('with --quiet only errors are left on stderr', async () => {
  const { stdout, stderr } = await client('bob', '/who\n/invite\n', '--quiet')
  expect({ names: stdout.split('\n')[0], stderr }).toEqual({ names: 'bob', stderr: '' })
  const failed = await client('bob', '/nothing\n', '--quiet')
  expect(failed.code).toBe(1)
  expect(failed.stderr).toMatch(/^error: there is no \/nothing/)
  const json = await client('bob', '', '--quiet', '--json', '--keylog', join(temporaryFolder(), 'keys'))
  expect(json.stderr).toBe('')
  const declined = await client('bob', 'hello\n', '--quiet', '--to', 'nobody')
  expect({ code: declined.code, stderr: declined.stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/nobody.*\(/),
  })
})

test('a server on all addresses says what clients type, and is quiet if asked', async () => {
  const server = startBin('chat-server', ['--port', '0', '--host', '0.0.0.0'])
  const { port } = await server.listening()
  server.kill()
  const { stderr } = await server.ended()
  expect(stderr).toMatch(
    new RegExp(
      `^note: (?:others on the network connect with\\n( {2}.*--directory [\\d.]+:${port}\\n)+|this machine has no network)`,
      'm',
    ),
  )
  const quiet = startBin('chat-server', ['--port', '0', '--host', '0.0.0.0', '--quiet'])
  await quiet.listening()
  quiet.kill()
  expect((await quiet.ended()).stderr).toBe('')
})

test('identity list shows all names of a home, and one name need not be said', async () => {
  const mine = temporaryFolder()
  const identity = (...args: readonly string[]) => runBin('chat-client', ['identity', ...args, '--home', mine])
  expect((await identity('list')).stdout).toBe(`no identities in ${mine}\n`)
  const start = (name: string) => runBin('chat-client', ['--name', name, '--home', mine, '--directory', directory])
  await start('alice')
  const shown = await identity('show')
  expect({ code: shown.code, stdout: shown.stdout }).toEqual({ code: 0, stdout: expect.stringContaining('alice') })
  await start('bob')
  writeFileSync(join(mine, 'passphrase'), 'secret\n')
  expect((await identity('passphrase', '--name', 'bob', '--new-passphrase-file', join(mine, 'passphrase'))).code).toBe(
    0,
  )
  const rows = (await identity('list')).stdout.trim().split('\n')
  expect(rows.map(row => row.split(/ {2,}/))).toEqual([
    ['alice', expect.stringMatching(/^[\w-]{43}$/), join(mine, 'alice', 'identity.pem')],
    ['bob', 'encrypted', join(mine, 'bob', 'identity.pem')],
  ])
  const listed = (await identity('list', '--json')).stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(listed).toMatchObject([
    { event: 'identity', name: 'alice', encrypted: false, file: join(mine, 'alice', 'identity.pem') },
    { name: 'bob', fingerprint: null, encrypted: true },
  ])
  const which = await identity('show')
  expect({ code: which.code, stderr: which.stderr }).toEqual({ code: 2, stderr: expect.stringContaining('alice, bob') })
})

test.each([
  [['--name', 'alice'], 'unwritable'],
  [['identity', 'list'], 'unreadable'],
  [['identity', 'show'], 'unreadable'],
  [['log', '--name', 'alice'], 'unreadable'],
])('a home under a file is an error: %j', async (args, expected) => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, 'as it was')
  const { code, stdout, stderr } = await runBin('chat-client', [...args, '--home', join(file, 'home')], {
    input: '',
    env: { XDG_DATA_HOME: '' },
  })
  expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: expect.stringContaining(`(${expected})`) })
  expect(readFileSync(file, 'utf8')).toBe('as it was')
})

test('the same name in two homes is an error that names both, unless one of them is chosen', async () => {
  const [user, data] = [temporaryFolder(), temporaryFolder()]
  const env = { HOME: user, XDG_DATA_HOME: data }
  const homes = [join(user, '.p2p-secure-chat'), join(data, 'p2p-secure-chat')]
  for (const path of homes) {
    mkdirSync(join(path, 'alice'), { recursive: true, mode: 0o700 })
    writeFileSync(join(path, 'alice', 'identity.pem'), '', { mode: 0o600 })
  }
  for (const args of [
    ['--name', 'alice'],
    ['identity', 'list'],
    ['log', '--name', 'alice'],
  ]) {
    const { code, stderr } = await runBin('chat-client', args, { env })
    expect({ args, code, stderr }).toEqual({ args, code: 1, stderr: expect.stringContaining('(ambiguous)') })
    for (const path of homes) expect(stderr).toContain(path)
  }
  const chosen = await runBin('chat-client', ['identity', 'list', '--home', homes[0] ?? ''], { env })
  expect(chosen.stderr).toContain('bad-identity')
})
