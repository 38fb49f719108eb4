import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { GOODBYE } from '@p2p-secure-chat/core/wire/common-messages'
import { proveRegistration, verifyRegistration } from '@p2p-secure-chat/dh-chat/directory-proof'
import { expect, onTestFinished, test, vi } from 'vitest'
import { connect, testDirectory } from '../../../basic-p2p/test/support/directory.ts'
import { client, onlineBot, serve } from '../../../basic-p2p/test/support/programs.ts'
import { type Path, openPath, pass } from '../../../stage/src/path.ts'
import { startBin } from '../../../core/test/support/process.ts'
import { openTestbed, temporaryFolder } from '../../../dh-chat/test/support/chat-testbed.ts'
import { alice } from '../../../dh-chat/test/support/people.ts'
import { secretsOf } from '../../src/dissect/secrets.ts'
import type { Observation } from '../../src/dissect/observation.ts'
import { dissect, eventsOf, findingsOf, fins, framesOf, type Said, summariesOf, valuesOf } from '../support/streams.ts'
import { polling } from '../../../core/test/support/patience.ts'

async function openProxy(): Promise<Path> {
  const proxy = await openPath()
  onTestFinished(() => proxy.stop())
  return proxy
}

/** Waits until both sides of a connection have left in order. */
async function goodbyes(proxy: Path): Promise<void> {
  await vi.waitFor(() => expect(proxy.passed.filter(({ type }) => type === GOODBYE.type)).toHaveLength(2), polling())
}

/** What a capture would have of all that came by, to the end of both directions. */
function overheard({ passed }: Path) {
  const said = passed.map(({ from, bytes }): Said => ({ from, bytes }))
  return [...eventsOf(said), ...fins(said.length + 1)]
}

/** Each value of a field inside the records. */
const inside = (seen: readonly Observation[], name: string) =>
  framesOf(seen).flatMap(({ plaintext }) => plaintext?.frames.flatMap(({ fields }) => valuesOf(fields, name)) ?? [])

test.each(['dh-chat', 'aes-chat'] as const)(
  '%s: with its key log a conversation of real clients opens to the last byte, and goes on in a second connection',
  async rung => {
    const [testbed, proxy] = await Promise.all([openTestbed(rung), openProxy()])
    const folder = temporaryFolder()
    const [log, file] = [join(folder, 'alice.keys'), join(folder, 'tea.bin')]
    const content = randomBytes(150_000)
    writeFileSync(file, content)
    const bob = await testbed.clientIn(
      temporaryFolder(),
      'bob',
      '--group',
      'ffdhe2048',
      '--advertise',
      String(proxy.port),
    )
    proxy.forwardTo(bob.listen)
    const caller = testbed.start('alice', '--keylog', log)
    await caller.next('ready')

    caller.say('/chat bob')
    const { safetyNumber, fingerprint } = await caller.next('open')
    caller.say('the first connection')
    await caller.next('delivered')
    caller.say(`/send ${file}`)
    await bob.next('file')
    bob.say('/accept')
    let state = ''
    while (state !== 'done') ({ state } = await caller.next('file'))
    const first = overheard(proxy)

    proxy.setTamper(pass)
    proxy.kill()
    await caller.next('resumed')
    caller.say('the second connection')
    await caller.next('delivered')
    await caller.finish()
    await bob.next('closed')

    const keys = secretsOf()
    keys.add(readFileSync(log, 'utf8'))
    const one = dissect(first, keys)
    expect(inside(one, 'text')).toEqual(['the first connection'])
    const sent = Buffer.from(inside(one, 'file.bytes').join(''), 'hex')
    expect(sent.equals(content)).toBe(true)
    expect(inside(one, 'file.sha256')).toEqual([createHash('sha256').update(content).digest('hex')])
    const [confirm] = framesOf(one).filter(({ name }) => name === 'CONFIRM')
    expect(valuesOf(confirm?.fields ?? [], 'safety_number')).toEqual([safetyNumber])
    const identities = framesOf(one).filter(({ name }) => name === 'IDENTITY')
    expect(identities.map(({ plaintext }) => valuesOf(plaintext?.fields ?? [], 'fingerprint')[0])).toContain(
      fingerprint,
    )
    // Alice offers another group first; the test ended this connection without a goodbye.
    const expected = rung === 'dh-chat' ? ['cut', 'malleable', 'retry'] : ['cut', 'retry']
    expect([...new Set(findingsOf(one))].sort()).toEqual(expected)

    // Both sides looked for each other: a second connection may have crossed the first one on the same path.
    const two = dissect(overheard(proxy), keys)
    expect(inside(two, 'resume.conversation')[0]).toMatch(/^[0-9a-f]{32}$/)
    expect(inside(two, 'text')).toContain('the second connection')
    expect(keys.garbage).toBe(0)

    const blind = dissect(first)
    expect(inside(blind, 'text')).toEqual([])
    expect(findingsOf(blind).filter(code => code === 'no-key').length).toBeGreaterThan(5)
    expect(findingsOf(blind)).not.toContain('cut')
  },
)

test('the basic rung, and a directory with it', async () => {
  const [server, toDirectory, toBob] = await Promise.all([serve(), openProxy(), openProxy()])
  toDirectory.forwardTo(server.address)
  const bob = await onlineBot(server.address, 'bob', ['--accept', 'all', '--advertise', String(toBob.port)])
  toBob.forwardTo(listenOf(bob.printed.find(({ event }) => event === 'ready')?.['listen']))
  const caller = client(toDirectory, 'alice', ['--to', 'bob', '--accept', 'none'], { input: 'hello bob\n' })
  await bob.until('message')
  await bob.until('closed')
  expect((await caller.ended()).code).toBe(0)
  await goodbyes(toBob)
  await goodbyes(toDirectory)

  const talk = dissect(overheard(toBob))
  expect(summariesOf(talk).filter(line => /^(?:NAME|TEXT)/.test(line))).toEqual(
    expect.arrayContaining(['NAME alice', 'NAME bob', 'TEXT "hello bob"']),
  )
  expect(new Set(findingsOf(talk))).toEqual(new Set(['unproven-name', 'plaintext']))
  const directory = dissect(overheard(toDirectory))
  expect(summariesOf(directory)).toEqual(
    expect.arrayContaining([
      'HELLO directory/1 peer-basic/1',
      'WELCOME open to other machines: false',
      'REGISTER alice, takes no calls',
      'REGISTERED alice',
      `CARD bob at 127.0.0.1, port ${toBob.port}`,
    ]),
  )
  expect(findingsOf(directory)).toEqual(['unproven-name'])
})

const listenOf = (text: unknown) => {
  const [host = '', port = ''] = String(text).split(':')
  return { host, port: Number(port) }
}

test('a directory that asks for proof', async () => {
  const proxy = await openProxy()
  const rung = 'peer-aes/1'
  const server = await testDirectory({
    rung,
    authentication: verifyRegistration(rung),
    publicAddresses: [formatAddress(proxy)],
  })
  proxy.forwardTo(server)
  let seesPresence = () => {}
  const present = new Promise<void>(resolve => {
    seesPresence = resolve
  })
  const user = await connect(proxy, { rung, prove: proveRegistration(alice, rung), onPresence: seesPresence })
  await user.register('alice', 40_002)
  await user.who('')
  await user.lookup('carol').catch(() => undefined)
  await user.watch(['alice'])
  await present
  await user.leave()
  await goodbyes(proxy)

  const seen = dissect(overheard(proxy))
  expect(summariesOf(seen)).toEqual(
    expect.arrayContaining([
      'REGISTER alice, port 40002',
      'WHO *',
      'USERS alice',
      'LOOKUP carol',
      'WATCH alice',
      'PRESENCE alice, online: true',
    ]),
  )
  expect(findingsOf(seen)).toEqual(['refused'])
  const [registration] = framesOf(seen).filter(({ name }) => name === 'REGISTER')
  expect(valuesOf(registration?.fields ?? [], 'proof.address')).toEqual([formatAddress(proxy)])
})

test('the calculator', async () => {
  const proxy = await openProxy()
  proxy.forwardTo(await startBin('calc-server', ['--port', '0']).listening())
  const asked = startBin('calc-client', ['--port', String(proxy.port), '2 + 3 * 4', '7 / 0'])
  expect((await asked.ended()).stdout).toContain('20')
  await goodbyes(proxy)
  const seen = dissect(overheard(proxy))
  expect(summariesOf(seen).filter(line => /^(?:EVALUATE|RESULT)/.test(line))).toEqual([
    'EVALUATE 2 + 3 * 4',
    'EVALUATE 7 / 0',
    'RESULT 20',
    'RESULT division by zero at column 5',
  ])
  expect(new Set(findingsOf(seen))).toEqual(new Set(['plaintext']))
})
