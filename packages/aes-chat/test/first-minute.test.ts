import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { hasNetworks, type Network, openNetwork } from '../../core/test/support/network.ts'
import { binPath } from '../../core/test/support/process.ts'
import { haveRead, openScreen, type Screen } from '../../core/test/support/screen/screen.ts'
import { temporaryFolder } from '../../dh-chat/test/support/chat-testbed.ts'
import { identityFor } from '../../dh-chat/test/support/identity-for.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

const networks = hasNetworks()

const lastRow = (text: string) => (rows: readonly string[]) => rows.at(-1) === text

/** The banner, and the prompt below it. */
const ready = (name: string) => (rows: readonly string[]) =>
  rows.at(-1) === `${name}>` && rows.at(-3)?.endsWith('/help lists all commands') === true

/** A terminal of 80 columns in that network. */
function terminal(network: Network, home: string, command: string, ...args: readonly string[]): Screen {
  const screen = openScreen({
    ...network.inside(command, ...args),
    rows: 40,
    env: { HOME: home, npm_config_update_notifier: 'false' },
    cwd: root,
  })
  onTestFinished(() => screen.kill())
  return screen
}

const client = (network: Network, home: string, ...args: readonly string[]) =>
  terminal(network, home, process.execPath, binPath('chat-client'), ...args)

/** A folder of somebody in which those names have identities already. */
async function homeWith(...names: readonly string[]): Promise<string> {
  const home = temporaryFolder()
  for (const name of names) await identityFor(join(home, '.p2p-secure-chat'), name)
  return home
}

/** Keys, safety numbers and the port that was free become the same every time; what the README names stays. */
function masked(rows: readonly string[]): string {
  const text = rows
    .join('\n')
    .replaceAll(/^( +)\d{5}( +\d{5}){3}$/gm, row => row.replaceAll(/\d{5}/g, '12345'))
    .replaceAll(/[\w-]{43}/g, 'A'.repeat(43))
    .replaceAll(/(calls +at 127\.0\.0\.1:)\d+/g, '$140123')
  return `${text}\n`
}

const from = (screen: Screen, start: string) => {
  const rows = screen.lines()
  return rows.slice(rows.findIndex(row => row.startsWith(start)))
}

/** The part of the README about the first minute: the one command for both terminals, and what is typed there. */
function firstMinute(): { command: string; typed: readonly string[] } {
  const readme = readFileSync(`${root}README.md`, 'utf8')
  const [, command = '', text = ''] = /Then chat for real[^`]*```sh\n(.*)\n```\n\n([^]*?)<!--/.exec(readme) ?? []
  return { command, typed: [...text.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word) }
}

// So that it has nothing left to install where there is no registry.
beforeAll(() => void execFileSync('npm', ['run', '--silent', 'setup'], { cwd: root }))

test.skipIf(!networks)('the first minute of the README, literally', async () => {
  const { command, typed } = firstMinute()
  expect(typed).toEqual(['alice', 'bob', '/chat alice', '/accept', '/verify', '/help', '/quit'])
  const [aliceName = '', bobName = '', call = '', accept = '', verify = '', help = '', quit = ''] = typed
  const [network, home] = [await openNetwork(), temporaryFolder()]

  const alice = terminal(network, home, 'sh', '-c', command)
  await alice.until('Your name:')
  alice.type(`${aliceName}\r`)
  await alice.until('passphrase')
  alice.type('\r')
  await alice.until('Run one inside this client?')
  alice.type('\r')
  await alice.until(ready('alice'))
  await expect(masked(from(alice, '✔ Your name'))).toMatchFileSnapshot('screens/first-run.txt')

  const bob = terminal(network, home, 'sh', '-c', command)
  await bob.until('Your name:')
  expect(bob.lines().join('\n'), 'a name that is in use is offered').not.toContain('(alice)')
  bob.type(`${aliceName}\r`)
  await bob.until('another client of yours is running as alice')
  bob.type(`\u0015${bobName}\r`)
  await bob.until('passphrase')
  bob.type('\r')
  await bob.until(ready('bob'))
  bob.type(`${call}\r`)
  await alice.until('bob is calling')
  await haveRead()
  alice.type(`${accept}\r`)
  await alice.until(lastRow('alice to bob (new)>'))
  await bob.until(lastRow('bob to alice (new)>'))
  alice.type('hello bob, can anybody read this?\r')
  await bob.until('alice: hello bob')
  bob.type('only you and I\r')
  await alice.until('bob: only you and I')
  for (const [screen, prompt] of [
    [alice, 'alice to bob (new)>'],
    [bob, 'bob to alice (new)>'],
  ] as const) {
    await screen.until(lastRow(prompt))
  }
  const conversation = [
    "(alice's terminal)",
    ...from(alice, 'bob is calling'),
    '',
    "(bob's terminal)",
    ...from(bob, 'bob> /chat alice'),
  ]
  await expect(masked(conversation)).toMatchFileSnapshot('screens/conversation.txt')

  alice.type(`${verify}\r`)
  await alice.until('Did you compare all twelve groups with bob')
  alice.type('no\r')
  await alice.until(lastRow('alice to bob (new)>'))
  alice.type(`${help}\r`)
  await alice.until('say goodbye to everyone and leave')
  alice.type(`${quit}\r`)
  // Bob would lose the directory that runs inside of alice's client.
  await alice.until(lastRow('yes or no?'))
  alice.type('yes\r')
  expect(await alice.exit).toBe(0)
  await bob.until('conversation with alice: ended')
  bob.type(`${quit}\r`)
  expect(await bob.exit).toBe(0)
})

test.skipIf(!networks)('whoever is slower with the directory joins that of the other', async () => {
  const [network, home] = [await openNetwork(), await homeWith('alice', 'bob')]
  const [alice, bob] = [client(network, home, '--name', 'alice'), client(network, home, '--name', 'bob')]
  await Promise.all([alice.until('Run one inside this client?'), bob.until('Run one inside this client?')])
  alice.type('\r')
  bob.type('yes\r')
  await Promise.all([alice.until(ready('alice')), bob.until(ready('bob'))])
  const hosts = [alice, bob].filter(screen => screen.lines().some(row => row.startsWith('It ends with this client')))
  expect(hosts).toHaveLength(1)
  const [guest, name, other] = hosts[0] === alice ? [bob, 'bob', 'alice'] : [alice, 'alice', 'bob']
  guest.type('/who\r')
  await guest.until(rows => rows.includes('alice  bob'))
  guest.type(`/chat ${other}\r`)
  await hosts[0]?.until(`${name} is calling`)
  await haveRead()
  hosts[0]?.type('/accept\r')
  await guest.until(lastRow(`${name} to ${other} (new)>`))
})

test.skipIf(!networks)('the directory of a client ends with it; conversations between others go on', async () => {
  const [network, home] = [await openNetwork(), await homeWith('alice', 'bob')]
  const host = client(network, home, '--name', 'carol', '--run-directory', '--json')
  await host.until('"event":"ready"')
  const [alice, bob] = [client(network, home, '--name', 'alice'), client(network, home, '--name', 'bob')]
  await Promise.all([alice.until(ready('alice')), bob.until(ready('bob'))])
  bob.type('/chat alice\r')
  await alice.until('bob is calling')
  await haveRead()
  alice.type('/accept\r')
  await Promise.all([alice.until(lastRow('alice to bob (new)>')), bob.until(lastRow('bob to alice (new)>'))])
  host.type('/quit\r')
  expect(await host.exit).toBe(0)
  await bob.until('the directory is gone; open conversations go on')
  bob.type('still here\r')
  await alice.until('bob: still here')
})

test.skipIf(!networks)('a no leaves; something else on that port is no reason to ask', async () => {
  const [network, home] = [await openNetwork(), await homeWith('alice')]
  const declining = client(network, home, '--name', 'alice')
  await declining.until('Run one inside this client?')
  declining.type('n\r')
  expect(await declining.exit).toBe(1)
  expect(declining.lines()).toContainEqual('error: no directory at 127.0.0.1:10001 (no-directory)')

  const given = client(network, home, '--name', 'alice', '--directory', '127.0.0.1:10001')
  expect(await given.exit).toBe(1)
  expect(given.lines().join('\n')).not.toContain('Run one inside')

  for (const other of ['calc-server', 'dh-chat-server']) {
    const server = terminal(network, home, process.execPath, binPath(other), '--port', '10001')
    await server.until('listening on 127.0.0.1:10001')
    const client = terminal(network, home, process.execPath, binPath('chat-client'), '--name', 'alice')
    expect(await client.exit).toBe(1)
    expect(client.lines().join('')).toContain('(wrong-protocol)')
    expect(client.lines().join('\n')).not.toContain('Run one inside')
    server.type('\u0003')
    await server.exit
  }
})
