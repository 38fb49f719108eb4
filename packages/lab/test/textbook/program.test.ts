import { programFile } from '@p2p-secure-chat/core/installation'
import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { expect, onTestFinished, test } from 'vitest'
import { type Actor, startActor } from '@p2p-secure-chat/stage/actor'
import { listenHere } from '@p2p-secure-chat/stage/own-network'
import { startTextbookServer } from '../../src/textbook/directory-server.ts'

function textbook(...flags: readonly string[]): Actor {
  const actor = startActor(programFile('textbook'), flags)
  onTestFinished(() => actor.stop())
  return actor
}

async function directory(): Promise<string> {
  const server = await startTextbookServer({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.stop())
  return formatAddress(server)
}

const alice = ['--name', 'alice', '--step', 'plain']

/** A program that has to end by itself. @returns its exit code and all that it printed */
async function ended(actor: Actor) {
  return { code: await actor.finish(), printed: Buffer.concat(actor.printed).toString() }
}

test('a peer tells who is there as the clients of the other rungs do', async () => {
  const actor = textbook('--directory', await directory(), ...alice)
  await actor.next('ready')
  actor.say('Get Users')
  expect(await actor.next('users')).toMatchObject({ v: 1, users: [{ name: 'alice' }], next: null })
  actor.say('EXIT')
  expect(await actor.finish()).toBe(0)
})

test.each([
  ['an unknown flag', ['--bad'], 2, 'usage'],
  ['no step', ['--directory', '127.0.0.1:1'], 2, 'usage'],
  ['an exponent that is no number', ['--directory', '127.0.0.1:1', '--step', 'aes', '--exponent', 'six'], 2, 'usage'],
  [
    'a group that nobody knows',
    ['--directory', '127.0.0.1:1', '--step', 'aes', '--group', 'toy41'],
    2,
    'unknown-group',
  ],
])('%s is one line of an error and one that helps', async (_, flags, exitCode, errorCode) => {
  const { code, printed } = await ended(textbook(...flags))
  expect(code).toBe(exitCode)
  expect(printed).toMatch(new RegExp(`^error: [^\\n]*\\(${errorCode}\\)\\n {2}[^\\n]+\\n$`))
})

test('whom a directory has no place for ends, and says so as an event', async () => {
  const full = await listenHere({ host: '127.0.0.1', port: 0 }, socket => void socket.end())
  onTestFinished(() => full.stop())
  const actor = textbook('--json', '--directory', formatAddress(full), ...alice)
  expect(await actor.next('ready', 'error')).toMatchObject({ event: 'error', code: 'cut' })
  expect(await actor.finish()).toBe(1)
})

test('who calls somebody who is not there ends', async () => {
  const actor = textbook('--json', '--directory', await directory(), ...alice, '--to', 'carol')
  await actor.next('ready')
  expect(await actor.next('error')).toMatchObject({ code: 'unknown-user' })
  expect(await actor.finish()).toBe(1)
})
