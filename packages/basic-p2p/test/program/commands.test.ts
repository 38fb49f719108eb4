import { once } from 'node:events'
import { createServer } from 'node:net'
import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { expect, onTestFinished, test } from 'vitest'
import { runBin, startBin } from '../../../core/test/support/process.ts'
import { client, onlineBot, serve } from '../support/programs.ts'
import { stretched } from '../../../core/test/support/patience.ts'

test.each(['basic-chat-server', 'basic-chat-client'])('%s explains itself', async bin => {
  const help = await runBin(bin, ['--help'])
  expect(help).toMatchObject({ code: 0, stderr: '' })
  for (const part of ['Limits:', '45 s', '10000', '--json']) expect(help.stdout).toContain(part)
  expect(help.stdout).not.toMatch(/default:\s+["/]/)
  expect(await runBin(bin, ['--version'])).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    stderr: '',
  })
})

test('what has no sense on this rung does not exist on it', async () => {
  const { stdout } = await runBin('basic-chat-client', ['--help'])
  for (const flag of ['--group', '--keylog', '--trace', 'known', '--passphrase-file'])
    expect(stdout).not.toContain(flag)
})

test.each([
  [['--nonsense'], 'usage'],
  [[], 'usage'],
  [['--name', 'alice', 'bob'], 'usage'],
  [['--name', '-alice'], 'bad-name'],
  [['--name', 'alice', '--to', 'b!'], 'bad-name'],
  [['--name', 'alice', '--to', 'ALICE'], 'self-call'],
  [['--name', 'alice', '--wait', 'long'], 'usage'],
  [['--name', 'alice', '--accept', 'known'], 'usage'],
  [['--name', 'alice', '--accept', 'some'], 'usage'],
  [['--name', 'alice', '--directory', '127.0.0.1:x'], 'bad-address'],
  [['--name', 'alice', '--listen', '1.2.3.4:70000'], 'bad-address'],
])('the client refuses %j as %s', async (args, code) => {
  const { code: exitCode, stdout, stderr } = await runBin('basic-chat-client', args)
  expect([exitCode, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(new RegExp(`^error: .* \\(${code}\\)\n {2}\\S.*\n$`))
})

test('a missing name names its flag', async () => {
  expect((await runBin('basic-chat-client')).stderr).toContain('--name')
})

test('the server says where it listens, first and exactly, and how to open it to the network', async () => {
  const server = startBin('basic-chat-server', ['--port', '0'])
  expect(await server.line()).toMatch(/^listening on 127\.0\.0\.1:\d+$/)
  await server.stderrShows('--host 0.0.0.0')
  const json = startBin('basic-chat-server', ['--port', '0', '--json', '--host', '::1'])
  expect(JSON.parse(await json.line())).toEqual({
    v: 1,
    event: 'listening',
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    host: '::1',
    port: expect.any(Number),
  })
})

test('a busy port is one clear error that names the flag', async () => {
  const { address } = await serve()
  const { code, stdout, stderr } = await runBin('basic-chat-server', ['--port', String(address.port)])
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/^error: 127\.0\.0\.1:\d+ is in use by another program \(port-in-use\)\n.*--port.*\n$/)
})

test.each([
  [['--port', '70000'], 'bad-address'],
  [['--port', 'x'], 'bad-address'],
  [['--nonsense'], 'usage'],
])('the server refuses %j as %s', async (args, code) => {
  const { code: exitCode, stderr } = await runBin('basic-chat-server', args)
  expect(exitCode).toBe(2)
  expect(stderr).toContain(`(${code})`)
})

test.each(['SIGTERM', 'SIGINT'] as const)(
  'at %s the server says goodbye to everyone, and ends with 0 in two seconds',
  async signal => {
    const server = await serve()
    const alice = await onlineBot(server.address, 'alice')
    const bob = await onlineBot(server.address, 'bob')
    bob.kill('SIGSTOP')
    const started = Date.now()
    server.kill(signal)
    expect(await alice.until('directory')).toMatchObject({
      state: 'gone',
      message: expect.stringContaining('said goodbye'),
    })
    expect((await server.ended()).code).toBe(0)
    expect(Date.now() - started).toBeLessThan(stretched(2_000))
    bob.kill('SIGKILL')
  },
)

test('nothing there is no directory; something else there is the wrong protocol', async () => {
  const web = createServer(socket => {
    socket.on('error', () => socket.destroy())
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void web.close())
  await once(web, 'listening')
  const address = web.address()
  if (address === null || typeof address === 'string') return expect.fail()
  const wrong = await client({ host: '127.0.0.1', port: address.port }, 'alice', [], { input: '' }).ended()
  expect(wrong.code).toBe(1)
  expect(wrong.stderr).toContain('(wrong-protocol)')
  const nobody = await client({ host: '127.0.0.1', port: 1 }, 'alice', [], { input: '' }).ended()
  expect(nobody.code).toBe(1)
  expect(nobody.stderr).toMatch(
    /error: no directory at 127\.0\.0\.1:1 \(no-directory\)\n.*--run-directory.*--directory/,
  )
})

test('a name is asked for in lower case, and taken once', async () => {
  const { address } = await serve()
  const alice = await onlineBot(address, 'ALICE')
  expect(alice.printed[0]).toMatchObject({ name: 'alice', directory: formatAddress(address) })
  const second = await client(address, 'alice', [], { input: '' }).ended()
  expect(second.code).toBe(1)
  expect(second.stderr).toMatch(/^error: the directory says: the name alice is in use \(name-taken\)\n {2}\S.*\n$/)
})
