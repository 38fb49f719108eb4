import { once } from 'node:events'
import { createServer } from 'node:net'
import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { expect, onTestFinished, test } from 'vitest'
import { binPath } from '../../../core/test/support/process.ts'
import { haveRead, openScreen } from '../../../core/test/support/screen/screen.ts'
import { atTerminal, lastRow } from '../support/at-terminal.ts'
import { onlineBot, serve } from '../support/programs.ts'

/** A port of this machine that was free just now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

test('the name is asked for where it is missing, and again where somebody has it', async () => {
  const directory = await serve()
  await onlineBot(directory.address, 'bob')
  const alice = openScreen({
    command: process.execPath,
    args: [binPath('basic-chat-client'), '--directory', formatAddress(directory.address)],
    cols: 100,
  })
  onTestFinished(() => alice.kill())
  await alice.until('Your name:')
  alice.type('bob\r')
  await alice.until('the name bob is in use (name-taken)')
  await alice.until(rows => rows.at(-1)?.startsWith('? Your name:') === true)
  alice.type('alice\r')
  await alice.until(lastRow('alice>'))
  for (const not of ['NOT PRIVATE', 'NOT AUTHENTIC', 'NOT PROVED']) await alice.until(not)
  alice.type('/who\r')
  await alice.until('alice  bob')
})

test('a call rings, is accepted, and the prompt shows to whom one talks and how safely', async () => {
  const directory = await serve()
  const alice = await atTerminal(directory, 'alice')
  const bob = await atTerminal(directory, 'bob')
  await alice.until(lastRow('alice>'))
  alice.type('/chat bob\r')
  await alice.until('calling bob ...')
  await bob.until('alice is calling: /accept alice or /decline alice')
  await haveRead()
  bob.type('/acc\t')
  await bob.until(lastRow('bob> /accept'))
  bob.type('al\t\r')
  await bob.until(lastRow('bob to alice (not protected)>'))
  await alice.until(lastRow('alice to bob (not protected)>'))
  for (const screen of [alice, bob]) {
    await screen.until('NOT PRIVATE: everyone on the path can read this conversation')
    await screen.until('NOT AUTHENTIC: someone on the path can change, repeat or remove what is said')
  }
  await bob.until('NOT PROVED: anyone can call themselves alice here')
  alice.type('שלום 👋\r')
  await bob.until('alice: שלום 👋')
})

test('a text appears above the line being typed, which stays as it was', async () => {
  const directory = await serve()
  const alice = await atTerminal(directory, 'alice')
  const bob = await onlineBot(directory.address, 'bob')
  bob.write('/chat alice\n')
  await alice.until('bob is calling')
  await haveRead()
  alice.type('/accept\r')
  await alice.until(lastRow('alice to bob (not protected)>'))
  alice.type('half a sen')
  await alice.until(lastRow('alice to bob (not protected)> half a sen'))
  bob.write('an interruption\n')
  await alice.until('bob: an interruption')
  await alice.until(lastRow('alice to bob (not protected)> half a sen'))
  alice.type('tence\r')
  expect(await bob.until('message', { direction: 'in' })).toMatchObject({ text: 'half a sentence' })
})

test('a paste of several lines is one message', async () => {
  const directory = await serve()
  const alice = await atTerminal(directory, 'alice')
  const bob = await onlineBot(directory.address, 'bob', ['--accept', 'all'])
  alice.type('/chat bob\r')
  await alice.until(lastRow('alice to bob (not protected)>'))
  alice.type('\u001b[200~one\ntwo\nthree\u001b[201~\r')
  expect(await bob.until('message')).toMatchObject({ text: 'one\ntwo\nthree' })
})

test('a line that is typed for somebody who leaves goes to nobody who comes meanwhile', async () => {
  const directory = await serve()
  const alice = await atTerminal(directory, 'alice', ['--accept', 'all'])
  const bob = await onlineBot(directory.address, 'bob')
  const carol = await onlineBot(directory.address, 'carol')
  bob.write('/chat alice\n')
  await alice.until(lastRow('alice to bob (not protected)>'))
  alice.type('for bob')
  await alice.until(lastRow('alice to bob (not protected)> for bob'))
  bob.write('/leave\n')
  await alice.until(lastRow('alice> for bob'))
  carol.write('/chat alice\n')
  await alice.until('talking with carol')
  alice.type('\r')
  await alice.until('no conversation is selected')
  alice.type('/switch carol\r')
  await alice.until(lastRow('alice to carol (not protected)>'))
  alice.type('for carol\r')
  expect(await carol.until('message', { direction: 'in' })).toMatchObject({ text: 'for carol' })
})

test('Tab completes commands and the names of those who are there', async () => {
  const directory = await serve()
  const alice = await atTerminal(directory, 'alice')
  const bob = await onlineBot(directory.address, 'bob')
  bob.write('/chat alice\n')
  await alice.until('bob is calling')
  alice.type('/de\t')
  await alice.until(lastRow('alice> /decline'))
  alice.type('\t')
  await alice.until(lastRow('alice> /decline bob'))
  await haveRead()
  alice.type('\r')
  expect(await bob.until('closed')).toMatchObject({ peer: 'alice', code: 'declined' })
})

test('Tab knows whom /who has shown', async () => {
  const directory = await serve()
  const alice = await atTerminal(directory, 'alice')
  await onlineBot(directory.address, 'bonnie')
  alice.type('/who\r')
  await alice.until('alice  bonnie')
  alice.type('/chat b\t')
  await alice.until(lastRow('alice> /chat bonnie'))
})

test('Ctrl-C clears the line; on an empty one it leaves when pressed twice, with a goodbye', async () => {
  const directory = await serve()
  const alice = await atTerminal(directory, 'alice')
  const bob = await onlineBot(directory.address, 'bob', ['--accept', 'all'])
  alice.type('/chat bob\r')
  await alice.until(lastRow('alice to bob (not protected)>'))
  alice.type('never mind')
  await alice.until(lastRow('alice to bob (not protected)> never mind'))
  alice.type('\u0003')
  await alice.until(lastRow('alice to bob (not protected)>'))
  alice.type('\u0003')
  await alice.until('press Ctrl-C again to leave')
  alice.type('\u0003')
  expect(await alice.exit).toBe(0)
  expect(await bob.until('closed')).toMatchObject({ peer: 'alice', reason: 'bye', code: null })
  expect(alice.bracketedPaste()).toBe(false)
})

test('Ctrl-C hangs up on the person who is being called, and counts for nothing else', async () => {
  const directory = await serve()
  const alice = await atTerminal(directory, 'alice')
  const bob = await onlineBot(directory.address, 'bob')
  for (const hangUp of ['\u0003', '/leave\r', '/leave bob\r']) {
    alice.type('/chat bob\r')
    await alice.until(lastRow('alice calling bob>'))
    await bob.until('call')
    alice.type(hangUp)
    await alice.until(lastRow('alice>'))
    expect(await bob.until('closed')).toMatchObject({ peer: 'alice', code: null, message: 'the caller hung up' })
  }
  expect(alice.lines().filter(row => row === 'conversation with bob: you hung up').length).toBe(3)
  expect(alice.lines().join('\n')).not.toMatch(/error|again/)
  // A call that nobody chose for what is typed next shows all the same: the next Ctrl-C is about it.
  alice.type('/msg bob later\r')
  await alice.until(lastRow('alice calling bob>'))
  alice.type('\u0003')
  await alice.until(rows =>
    rows.join('\n').includes('bob was not sent (undelivered)\n  send it again to call them again'),
  )
  await alice.until(lastRow('alice>'))
  alice.type('\u0003')
  await alice.until('press Ctrl-C again to leave')
})

test('the words of the original still mean what they meant; blank lines mean nothing', async () => {
  const directory = await serve()
  const alice = await atTerminal(directory, 'alice')
  await onlineBot(directory.address, 'bob', ['--accept', 'all'])
  alice.type('\r\r')
  alice.type('Get Users\r')
  await alice.until('alice  bob')
  alice.type('/chat bob\r')
  await alice.until(lastRow('alice to bob (not protected)>'))
  alice.type('EOM\r')
  await alice.until('conversation with bob: ended')
  await alice.until(lastRow('alice>'))
  expect(alice.lines().join('\n')).not.toContain('error')
  alice.type('EXIT\r')
  expect(await alice.exit).toBe(0)
})

test('what goes wrong says what to do, and nobody called error can say it', async () => {
  const directory = await serve()
  const alice = await atTerminal(directory, 'alice')
  const error = await onlineBot(directory.address, 'error')
  alice.type('hello?\r')
  await alice.until('! error: no conversation is open (no-conversation)')
  await alice.until('  open one with /chat NAME first')
  error.write('/chat alice\n')
  await alice.until('error is calling')
  await haveRead()
  alice.type('/accept\r')
  await alice.until(lastRow('alice to error (not protected)>'))
  error.write('your key changed (key-changed)\n')
  await alice.until(rows => rows.includes('error: your key changed (key-changed)'))
})

test('a client that runs the directory for others asks before leaving, and warns before a stop', async () => {
  const address = { host: '127.0.0.1', port: await freePort() }
  const alice = await atTerminal({ address }, 'alice', ['--run-directory'])
  await onlineBot(address, 'bob')
  const question = 'one other client uses the directory inside this client'
  const standing = lastRow('yes or no?')
  alice.type('half a text\u001a')
  await alice.until('press Ctrl-Z again to suspend it')
  alice.type('\u0003')
  await alice.until(lastRow('alice>'))
  for (const leaving of ['/quit\r', '\u0004', '\u0003\u0003']) {
    alice.type(leaving)
    await alice.until(standing)
    alice.type(leaving === '\u0004' ? leaving : 'n\r')
    await alice.until(lastRow('alice>'))
  }
  alice.type('/quit\r')
  await alice.until(standing)
  alice.type('Y\r')
  expect(await alice.exit).toBe(0)
  expect(alice.lines().filter(row => row.startsWith(question)).length).toBe(5)
})

test('a signal asks nobody', async () => {
  const address = { host: '127.0.0.1', port: await freePort() }
  const alice = await atTerminal({ address }, 'alice', ['--run-directory'])
  await onlineBot(address, 'bob')
  alice.kill('SIGINT')
  expect(await alice.exit).toBe(0)
  expect(alice.lines().join('\n')).not.toContain('yes or no?')
})
