import type { Side } from '@p2p-secure-chat/core/capture/tcp-conversation'
import { createHash, createHmac } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HELLO, RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import { ANSWER, IDENTITY, OFFER } from '@p2p-secure-chat/dh-chat/messages'
import { expect, onTestFinished, test } from 'vitest'
import { openPath, pass, type Passing } from '../../stage/src/path.ts'
import { binPath, runBin } from '../../core/test/support/process.ts'
import { openScreen } from '../../core/test/support/screen/screen.ts'
import { openTestbed, temporaryFolder } from '../../dh-chat/test/support/chat-testbed.ts'
import { identityFor } from '../../dh-chat/test/support/identity-for.ts'
import { openIndependently } from './support/independent-records.ts'

/** What each conversation says of it. */
const KEPT = 'the keys of this conversation are written down: --keylog'

const secretsIn = (file: string) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))

// What follows reads a connection by docs/protocol.md, Key log, and node:crypto alone.

const hmac = (key: Uint8Array, ...parts: (Uint8Array | string)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHmac('sha256', key)).digest()

/** Finds the session secret of a connection by what crossed the wire. */
function sessionSecret(file: string, frames: readonly Passing[]): Buffer {
  const found = (type: number, from: Side) => {
    const frame = frames.find(candidate => candidate.type === type && candidate.from === from)
    if (frame === undefined) throw new Error(`no frame of type ${type} from the ${from}`)
    return frame.bytes
  }
  const transcript = createHash('sha256').update(Uint8Array.of(0))
  for (const frame of [
    found(HELLO.type, 'dialler'),
    found(HELLO.type, 'listener'),
    found(OFFER.type, 'dialler'),
    found(ANSWER.type, 'listener'),
  ]) {
    transcript.update(frame)
  }
  const t1 = transcript.copy().digest('hex')
  const t3 = transcript.update(found(IDENTITY.type, 'listener')).update(found(IDENTITY.type, 'dialler')).digest('hex')
  const secretOf = (label: string, hash: string) => {
    const [line] = secretsIn(file).filter(candidate => candidate.startsWith(`${label} ${hash} `))
    return Buffer.from(line?.split(' ')[2] ?? '', 'hex')
  }
  const handshake = secretOf('P2PC_HANDSHAKE_SECRET', t1)
  const session = secretOf('P2PC_SESSION_SECRET', t3)
  expect(hmac(Buffer.from(t3, 'hex'), handshake), 'SS = Extract(H(T3), HS)').toEqual(session)
  return session
}

/** All that the caller said after the handshake. */
function readCaller(rung: 'dh-chat' | 'aes-chat', session: Uint8Array, frames: readonly Passing[]): string {
  const protocol = rung === 'dh-chat' ? 'peer-dh/1' : 'peer-aes/1'
  const traffic = hmac(session, `p2p-secure-chat ${protocol} initiator traffic`, Uint8Array.of(1))
  const bodies = frames.filter(({ type, from }) => type === RECORD.type && from === 'dialler').map(({ body }) => body)
  if (rung === 'aes-chat') {
    return bodies.map((body, i) => openIndependently(traffic, 0, i, body)?.batch.toString('latin1')).join('')
  }
  const opened = Buffer.concat(bodies).map((byte, i) => {
    const counter = Buffer.alloc(8)
    counter.writeBigUInt64BE(BigInt(i >> 5))
    return byte ^ hmac(traffic, counter).readUInt8(i & 31)
  })
  return Buffer.from(opened).toString('latin1')
}

test.each(['dh-chat', 'aes-chat'] as const)(
  '%s: the key log opens what crossed the wire, and is there before it',
  async rung => {
    const [testbed, proxy] = await Promise.all([openTestbed(rung), openPath()])
    onTestFinished(() => proxy.stop())
    const file = join(temporaryFolder(), 'alice.keys')
    const bob = await testbed.client('bob', '--group', 'ffdhe2048', '--advertise', String(proxy.port))
    proxy.forwardTo(bob.listen)
    const alice = testbed.start('alice', '--group', 'ffdhe2048', '--keylog', file)
    expect((await alice.next('ready')).notices).toEqual([expect.stringContaining(file)])
    const linesAtFirstRecord: number[] = []
    const watch = () =>
      proxy.setTamper((frame, forward) => {
        if (frame.type === RECORD.type && frame.nth === 0) linesAtFirstRecord.push(secretsIn(file).length)
        pass(frame, forward)
      })

    watch()
    alice.say('/chat bob')
    expect((await alice.next('open')).notices).toEqual([KEPT])
    expect((await bob.next('open')).notices).toEqual([])
    alice.say('the first connection')
    await alice.next('delivered')
    const first = proxy.passed
    expect(readCaller(rung, sessionSecret(file, first), first)).toContain('the first connection')

    watch()
    proxy.kill()
    await alice.next('resumed')
    alice.say('the second connection')
    await alice.next('delivered')
    // Both sides looked for each other, and alice's own connection is the one that goes on.
    expect(readCaller(rung, sessionSecret(file, proxy.passed), proxy.passed)).toContain('the second connection')
    expect(linesAtFirstRecord.slice(0, 2)).toEqual([2, 2])
    await alice.finish()
    expect(statSync(file).mode & 0o777).toBe(0o600)
  },
)

test('a person sees that it is on, before and in each conversation', async () => {
  const testbed = await openTestbed('aes-chat')
  await testbed.client('bob', '--group', 'ffdhe2048')
  await identityFor(testbed.home, 'alice')
  const file = join(temporaryFolder(), 'alice.keys')
  const common = ['--name', 'alice', '--directory', testbed.directory, '--home', testbed.home, '--group', 'ffdhe2048']
  const alice = openScreen({
    command: process.execPath,
    args: [binPath('chat-client'), ...common, '--keylog', file],
    cols: 160,
    rows: 40,
  })
  onTestFinished(() => alice.kill())
  const said = `the keys go into ${file}: anyone who has it can read a capture, now and later`
  await alice.until(`note        ${said}`)
  alice.type('/chat bob\r')
  await alice.until(`  note: ${KEPT}`)
  alice.type('/quit\r')
  expect(await alice.exit).toBe(0)
})

test('a plain pipe says it on stderr', async () => {
  const testbed = await openTestbed('dh-chat')
  const file = join(temporaryFolder(), 'alice.keys')
  const { code, stdout, stderr } = await testbed.pipe('alice', ['--keylog', file], { input: '' }).ended()
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  expect(stderr).toContain(`note: the keys go into ${file}`)
  expect(existsSync(file), 'there was no handshake').toBe(false)
})

test('a file that cannot be begun ends the client before it does anything', async () => {
  const folder = temporaryFolder()
  const taken = join(folder, 'taken')
  writeFileSync(taken, 'mine')
  for (const [path, hint] of [
    [taken, 'name a new file, or move that one away'],
    [join(folder, 'no', 'keys'), 'check that the folder exists'],
  ] as const) {
    const home = join(folder, 'home')
    const args = ['--name', 'alice', '--home', home, '--directory', '127.0.0.1:1', '--keylog', path]
    const { code, stderr } = await runBin('chat-client', args)
    expect(code).toBe(1)
    expect(stderr).toMatch(new RegExp(`^error: .*${path}.*\\(unwritable\\)\n  ${hint}.*\n$`))
    expect(existsSync(home)).toBe(false)
  }
  expect(readdirSync(folder)).toEqual(['taken'])
  for (const [none, what] of [
    ['', 'is empty'],
    ['-', 'names a file'],
  ] as const) {
    const { code, stderr } = await runBin('chat-client', ['--name', 'alice', '--keylog', none], { cwd: folder })
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(`--keylog ${what} (usage)`) })
  }
  expect(readdirSync(folder)).toEqual(['taken'])
})

test('a client that does not get to start leaves no file behind', async () => {
  const folder = temporaryFolder()
  const keys = join(folder, 'keys')
  const args = ['--name', 'alice', '--home', join(folder, 'home'), '--directory', '127.0.0.1:1', '--keylog', keys]
  const { code, stderr } = await runBin('chat-client', args)
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('(no-directory)') })
  expect(existsSync(keys)).toBe(false)
})

test('the basic rung has no keys, and no such flag', async () => {
  const why = 'this rung seals nothing, so --keylog has no keys to write (usage)'
  for (const keylog of [['--keylog', 'keys'], ['--keylog'], ['--keylog=keys']]) {
    for (const [bin, ...args] of [['basic-chat-client', '--name', 'alice'], ['calc-client']] as const) {
      const { code, stderr } = await runBin(bin, [...args, ...keylog])
      expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(why) })
    }
  }
  expect((await runBin('basic-chat-client', ['--help'])).stdout).not.toContain('--keylog')
  expect((await runBin('dh-chat-client', ['--help'])).stdout).toContain('--keylog <file>')
})

test('when there is no more room, it says so, keeps whole lines, and the chat goes on', async () => {
  const testbed = await openTestbed('aes-chat')
  const bob = await testbed.client('bob', '--group', 'ffdhe2048')
  const file = join(temporaryFolder(), 'alice.keys')
  // 512 bytes for a file: enough for an identity, and for the beginning of a key log and one line.
  const small = ['sh', '-c', 'ulimit -f 1 && exec "$@"', 'sh']
  const alice = await testbed.clientWithin(small, 'alice', '--group', 'ffdhe2048', '--keylog', file)
  alice.say('/chat bob')
  expect(await alice.next('error')).toMatchObject({ code: 'disk-full', message: expect.stringContaining('key log') })
  expect((await alice.next('open')).notices).toEqual([])
  alice.say('still here')
  expect((await bob.next('message')).text).toBe('still here')
  expect(readFileSync(file, 'utf8')).toMatch(/\nP2PC_HANDSHAKE_SECRET [0-9a-f]{64} [0-9a-f]{64}\n$/)
})
