import type { Side } from '@p2p-secure-chat/core/capture/tcp-conversation'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatAddress, parseAddress } from '@p2p-secure-chat/core/net/address'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openPath, type Passing } from '../../stage/src/path.ts'
import { binPath, runBin, startBin } from '../../core/test/support/process.ts'
import { openScreen } from '../../core/test/support/screen/screen.ts'
import { hasTool } from '../../core/test/support/tools.ts'
import { capinfos, saidBy, type SeenCapture, seeCapture } from '../../core/test/support/tshark.ts'
import { openTestbed, temporaryFolder } from '../../dh-chat/test/support/chat-testbed.ts'
import { nextFile } from '../../dh-chat/test/support/file-events.ts'
import { identityFor } from '../../dh-chat/test/support/identity-for.ts'

const FAST = ['--group', 'ffdhe2048']

/** A recording of it takes thousands of packets, and many writes. */
const FILE_BYTES = 2_000_000

const bytesFrom = (side: Side, frames: readonly Passing[]) =>
  Buffer.concat(frames.filter(({ from }) => from === side).map(({ bytes }) => bytes))

/** Number of the connection to that port, and which of its ends closed it, as far as the program saw. */
function connectionTo({ packets }: SeenCapture, port: number) {
  const stream = packets.find(({ destinationPort }) => destinationPort === port)?.stream ?? -1
  const ends = packets.filter(packet => packet.stream === stream && packet.fin)
  return { stream, closedBy: ends.map(({ sourcePort }) => (sourcePort === port ? 'listener' : 'dialler')) }
}

describe.skipIf(!hasTool('tshark'))('what Wireshark sees', () => {
  test.each(['dh-chat', 'aes-chat'] as const)(
    '%s: every frame of a conversation, on the side that dialled and on the one that was called',
    async rung => {
      const [testbed, proxy] = await Promise.all([openTestbed(rung), openPath()])
      onTestFinished(() => proxy.stop())
      const folder = temporaryFolder()
      const [ours, theirs] = [join(folder, 'alice.pcapng'), join(folder, 'bob.pcapng')]
      const bob = await testbed.client('bob', '--advertise', String(proxy.port), '--record', theirs, ...FAST)
      proxy.forwardTo(bob.listen)
      const alice = testbed.start('alice', '--to', 'bob', '--record', ours, ...FAST)
      expect((await alice.next('ready')).notices).toEqual([expect.stringContaining(ours)])
      expect((await alice.next('open')).notices).toEqual([])
      alice.say('hello bob')
      await bob.next('message')
      expect(await alice.finish()).toBe(0)
      await bob.finish()

      const directory = parseAddress(testbed.directory).port
      for (const [file, port, us] of [
        [ours, proxy.port, 'dialler'],
        [theirs, bob.listen.port, 'listener'],
      ] as const) {
        const seen = seeCapture(file)
        expect(seen.complaints).toEqual([])
        const peer = connectionTo(seen, port)
        expect(peer.closedBy).toContain(us)
        expect(saidBy(seen.packets, peer.stream, 'dialler').equals(bytesFrom('dialler', proxy.passed))).toBe(true)
        expect(saidBy(seen.packets, peer.stream, 'listener').equals(bytesFrom('listener', proxy.passed))).toBe(true)
        const { stream, closedBy } = connectionTo(seen, directory)
        expect(closedBy).toContain('dialler')
        expect(saidBy(seen.packets, stream, 'dialler').toString('latin1')).toContain('peer-')
        expect(new Set(seen.packets.map(packet => packet.stream)).size).toBe(2)
        expect(statSync(file).mode & 0o777).toBe(0o600)
      }
      expect(capinfos(ours)).toContain(`Capture application: ${rung === 'dh-chat' ? rung : 'chat'}-client`)
    },
  )

  test('the basic rung over IPv6, with a directory inside: its own connections, each once', async () => {
    const file = join(temporaryFolder(), 'alice.pcapng')
    // A port that was free a moment ago.
    const server = startBin('basic-chat-server', ['--host', '::1', '--port', '0'])
    const directory = await server.listening()
    server.kill('SIGTERM')
    await server.ended()
    const common = ['--json', '--accept', 'all', '--directory', formatAddress(directory)]
    const alice = startBin('basic-chat-client', [...common, '--name', 'alice', '--run-directory', '--record', file])
    expect(JSON.parse(await alice.line())).toMatchObject({ event: 'ready' })
    const bob = startBin('basic-chat-client', [...common, '--name', 'bob', '--to', 'alice'], { input: 'plain words\n' })
    expect((await bob.ended()).code).toBe(0)
    alice.end()
    expect((await alice.ended()).code).toBe(0)

    const seen = seeCapture(file)
    expect(seen.complaints).toEqual([])
    expect(new Set(seen.packets.map(({ stream }) => stream)).size).toBe(2)
    expect(new Set(seen.packets.map(({ source }) => source))).toEqual(new Set(['::1']))
    const { stream } = connectionTo(seen, directory.port)
    expect(saidBy(seen.packets, 1 - stream, 'dialler').toString('latin1')).toContain('plain words')
  })

  // All those bytes go through two clients, two recordings and two runs of tshark: on a busy machine that takes long.
  test('a file of some megabytes, and what there is of it when the client is killed', async () => {
    const testbed = await openTestbed('aes-chat')
    const folder = temporaryFolder()
    const [ours, theirs] = [join(folder, 'alice.pcapng'), join(folder, 'bob.pcapng')]
    const bob = await testbed.clientIn(folder, 'bob', '--accept-files', folder, '--record', theirs, ...FAST)
    const alice = await testbed.client('alice', '--record', ours, ...FAST)
    alice.say('/chat bob')
    await alice.next('open')
    const path = join(folder, 'photo')
    writeFileSync(path, randomBytes(FILE_BYTES))
    alice.say(`/send ${path}`)
    await nextFile(alice, 'done')
    // What a client was killed while it wrote may be cut off; after another message the file lies behind it.
    alice.say('that was all')
    await alice.next('delivered')
    alice.kill('SIGKILL')
    await bob.next('interrupted')
    bob.say('/quit')
    await bob.finish()

    for (const [file, end] of [
      [ours, 'dialler'],
      [theirs, 'dialler'],
    ] as const) {
      const seen = seeCapture(file)
      expect(seen.complaints).toEqual([])
      const peer = connectionTo(seen, bob.listen.port)
      expect(saidBy(seen.packets, peer.stream, end).length).toBeGreaterThan(FILE_BYTES)
      // Of the end of a killed client, only the other one's recording knows.
      expect(peer.closedBy).toEqual(file === ours ? [] : ['dialler', 'listener'])
    }
  })

  test('a disk without room is told, the file can be read, and the chat goes on', async () => {
    const testbed = await openTestbed('aes-chat')
    const bob = await testbed.client('bob', ...FAST)
    const file = join(temporaryFolder(), 'alice.pcapng')
    // 2,048 bytes for a file.
    const small = ['sh', '-c', 'ulimit -f 4 && exec "$@"', 'sh']
    const alice = await testbed.clientWithin(small, 'alice', '--record', file, ...FAST)
    alice.say('/chat bob')
    expect(await alice.next('error')).toMatchObject({
      code: 'disk-full',
      message: expect.stringContaining('the recording ends here'),
    })
    alice.say('still here')
    expect((await bob.next('message')).text).toBe('still here')
    expect(await alice.finish()).toBe(0)
    expect(seeCapture(file).complaints).toEqual([])
  })
})

test('a person sees that it is on', async () => {
  const testbed = await openTestbed('dh-chat')
  await identityFor(testbed.home, 'alice')
  const file = join(temporaryFolder(), 'alice.pcapng')
  const common = ['--name', 'alice', '--directory', testbed.directory, '--home', testbed.home]
  const alice = openScreen({
    command: process.execPath,
    args: [binPath('dh-chat-client'), ...common, '--record', file, '--keylog', `${file}.keys`],
    cols: 160,
    rows: 40,
  })
  onTestFinished(() => alice.kill())
  await alice.until(`note        all that is sent and received goes into ${file} as it crosses the wire`)
  await alice.until(`note        the keys go into ${file}.keys`)
  alice.type('/quit\r')
  expect(await alice.exit).toBe(0)
  expect(readFileSync(file).includes('peer-dh/1')).toBe(true)
})

test('a file that exists ends the client before it does anything, and takes the key log with it', async () => {
  const folder = temporaryFolder()
  const taken = join(folder, 'taken')
  writeFileSync(taken, 'mine')
  const args = ['--name', 'alice', '--home', join(folder, 'home'), '--directory', '127.0.0.1:1']
  const { code, stdout, stderr } = await runBin('chat-client', [
    ...args,
    '--keylog',
    join(folder, 'keys'),
    '--record',
    taken,
    '--json',
  ])
  expect(code).toBe(1)
  expect(stderr).toMatch(/^error: .*taken exists already.*\(unwritable\)\n {2}name a new file.*\n$/)
  expect(JSON.parse(stdout)).toMatchObject({ event: 'error', code: 'unwritable' })
  expect(readdirSync(folder)).toEqual(['taken'])
  expect(readFileSync(taken, 'utf8')).toBe('mine')
})

test('a client that reaches nobody leaves no file, and the flag needs a name', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'a.pcapng')
  const args = ['--name', 'alice', '--directory', '127.0.0.1:1', '--record']
  expect((await runBin('basic-chat-client', [...args, file])).stderr).toContain('(no-directory)')
  expect(existsSync(file)).toBe(false)
  expect((await runBin('basic-chat-client', [...args, ''])).code).toBe(2)
})
