import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { errorMessage } from '@p2p-secure-chat/core/wire/error-message'
import { jsonMessage } from '../../../core/test/support/json-message.ts'
import { GOODBYE } from '@p2p-secure-chat/core/wire/common-messages'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { describe, expect, test } from 'vitest'
import { binPath, runBin } from '../../../core/test/support/process.ts'
import { online } from '../support/directory.ts'
import { happenings } from '../support/events.ts'
import { bot, client, onlineBot, type Printed, serve } from '../support/programs.ts'
import { impostor, nameMessage, peerHello, stranger } from '../support/stranger.ts'
import { ACCEPT, CALL, RECEIPT, TEXT } from '../../src/messages/conversation.ts'
import { stretched } from '../../../core/test/support/patience.ts'

describe('from pipe to pipe', () => {
  test('texts arrive as they were typed, line by line, and everybody ends with 0', async () => {
    const { address } = await serve()
    const bob = client(address, 'bob', ['--accept', 'all', '--once'], { input: '' })
    await bob.stderrShows('you accept calls on 127.0.0.1:')
    // Longer than anything that a terminal shows of a text.
    const long = `${'\t'.repeat(16_000)}end`
    const lines = [
      'hello bob',
      '',
      'emoji 👩‍👩‍👧‍👦 👋🏽',
      'שלום\u200f! عليكم',
      'ភាសា\u200bខ្មែរ 葛\u{e0100}城 می\u200cخواهم မျှော်လင့်\u200bသည်',
      '  blanks\tand\ttabs  ',
      '//quit',
      long,
      'last, without an end',
    ]
    const alice = client(address, 'alice', ['--to', 'bob'], { input: lines.join('\r\n') })
    expect(await alice.ended()).toMatchObject({ code: 0, stdout: '' })
    const { code, stdout } = await bob.ended()
    expect(code).toBe(0)
    expect(stdout.split('\n')).toEqual([
      'alice: hello bob',
      'alice: ',
      'alice: emoji 👩‍👩‍👧‍👦 👋🏽',
      'alice: שלום\u200f! عليكم',
      'alice: ភាសា\u200bខ្មែរ 葛\u{e0100}城 می\u200cخواهم မျှော်လင့်\u200bသည်',
      'alice:   blanks\tand\ttabs  ',
      'alice: /quit',
      `alice: ${long}`,
      'alice: last, without an end',
      '',
    ])
  })

  test('ten thousand lines arrive, all of them and in order', async () => {
    const { address } = await serve()
    const bob = client(address, 'bob', ['--accept', 'all', '--once'], { input: '' })
    await bob.stderrShows('you accept calls')
    const lines = Array.from({ length: 10_000 }, (_, i) => `line ${i}`)
    const alice = client(address, 'alice', ['--to', 'bob'], { input: `${lines.join('\n')}\n` })
    expect((await alice.ended()).code).toBe(0)
    expect((await bob.ended()).stdout).toBe(lines.map(line => `alice: ${line}\n`).join(''))
  })

  test('a bad line is an error with its number, the others go on, and the exit code is 1', async () => {
    const { address } = await serve()
    const bob = client(address, 'bob', ['--accept', 'all', '--once'], { input: '' })
    await bob.stderrShows('you accept calls')
    const input = Buffer.concat([
      Buffer.from(`one\n${'x'.repeat(16_385)}\n`),
      Buffer.from([0xc3, 0x28, 0x0a]),
      Buffer.from(`${'y'.repeat(16_384)}\n/nonsense\nsix\n`),
    ])
    const alice = client(address, 'alice', ['--to', 'bob'], { input })
    const { code, stderr } = await alice.ended()
    expect(code).toBe(1)
    expect(stderr).toContain('error: line 2 is longer than 16384 bytes (bad-input)')
    expect(stderr).toContain('error: line 3 is not valid UTF-8 (bad-input)')
    expect(stderr).toContain('error: there is no /nonsense (unknown-command)')
    expect((await bob.ended()).stdout).toBe(`alice: one\nalice: ${'y'.repeat(16_384)}\nalice: six\n`)
  })

  test('a text without anybody to go to is undelivered; a command that fails is not', async () => {
    const { address } = await serve()
    const lost = await client(address, 'alice', [], { input: 'hello?\n' }).ended()
    expect(lost).toMatchObject({ code: 1, stdout: '' })
    expect(lost.stderr).toContain('(no-conversation)')
    expect((await client(address, 'alice', [], { input: '/switch bob\n/who\n/help\n' }).ended()).code).toBe(0)
    expect((await client(address, 'alice', [], { input: '/msg bob hello\n' }).ended()).code).toBe(1)
    // The words of the original, and /json, belong to the terminal and to --json.
    expect((await client(address, 'alice', [], { input: 'EXIT\n' }).ended()).code).toBe(1)
    expect((await client(address, 'alice', [], { input: '/json {"to":"bob","text":"x"}\n' }).ended()).code).toBe(1)
  })

  test('without --accept a pipe takes no calls', async () => {
    const { address } = await serve()
    const bob = client(address, 'bob')
    await bob.stderrShows('you accept no calls')
    const { code, stderr } = await client(address, 'alice', ['--to', 'bob'], { input: 'hello\n' }).ended()
    expect(code).toBe(1)
    expect(stderr).toContain('conversation with bob: bob takes no calls (declined)')
  })

  test('commands and texts do what they say in the order in which they stand', async () => {
    const { address } = await serve()
    const bob = client(address, 'bob', ['--accept', 'all', '--once'], { input: '' })
    const carol = client(address, 'carol', ['--accept', 'all', '--once'], { input: '' })
    await Promise.all([bob.stderrShows('you accept calls'), carol.stderrShows('you accept calls')])
    const script = [
      '/msg carol psst',
      '/chat BOB',
      'hello bob',
      '/msg carol  and you ',
      '/switch carol',
      'to carol',
      '/leave',
    ]
    const { code, stderr } = await client(address, 'alice', [], { input: script.join('\n') }).ended()
    expect([code, stderr.includes('error')]).toEqual([0, false])
    expect((await bob.ended()).stdout).toBe('alice: hello bob\n')
    expect((await carol.ended()).stdout).toBe('alice: psst\nalice:  and you \nalice: to carol\n')
  })

  test('/msg never switches', async () => {
    const { address } = await serve()
    const bob = client(address, 'bob', ['--accept', 'all', '--once'], { input: '' })
    await bob.stderrShows('you accept calls')
    const { code } = await client(address, 'alice', [], { input: '/msg bob one\ntwo\n' }).ended()
    expect(code).toBe(1)
    expect((await bob.ended()).stdout).toBe('alice: one\n')
  })

  test('a reader that leaves ends the client quietly, and the peer hears a goodbye', async () => {
    const { address } = await serve()
    const alice = await onlineBot(address, 'alice')
    const args = ['--name', 'bob', '--directory', formatAddress(address), '--accept', 'all']
    const bob = spawn(process.execPath, [binPath('basic-chat-client'), ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
    let stderr = ''
    bob.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    while (!stderr.includes('you accept calls')) await once(bob.stderr, 'data')
    alice.write('/chat bob\none\n')
    await once(bob.stdout, 'data')
    bob.stdout.destroy()
    alice.write('two\n')
    expect(await once(bob, 'exit')).toEqual([0, null])
    expect(stderr).not.toContain('error')
    expect(await alice.until('closed')).toMatchObject({ peer: 'bob', reason: 'bye', code: null })
  })
})

describe('with --json', () => {
  test('ready comes first, every line is one object with v, event and at, and texts carry anything', async () => {
    const { address } = await serve()
    const [alice, bob] = await Promise.all([onlineBot(address, 'alice'), onlineBot(address, 'bob')])
    expect(alice.printed[0]).toMatchObject({
      event: 'ready',
      name: 'alice',
      directory: formatAddress(address),
      protocol: 'peer-basic/1',
      fingerprint: null,
    })
    expect(alice.printed[0]?.['listen']).toMatch(/^127\.0\.0\.1:\d+$/)
    alice.write('/chat bob\n')
    expect(await alice.until('call')).toMatchObject({ peer: 'bob', direction: 'outgoing' })
    expect(await bob.until('call')).toMatchObject({ peer: 'alice', direction: 'incoming' })
    bob.write('/accept alice\n')
    const opened = {
      via: 'direct',
      confidential: false,
      integrity: false,
      identity: 'none',
      fingerprint: null,
      safetyNumber: null,
    }
    expect(await alice.until('open')).toMatchObject({ peer: 'bob', ...opened })
    expect(await bob.until('open')).toMatchObject({ peer: 'alice', ...opened })

    const text = 'two\nlines, \u001b[2J, \u202e, \u009b and 👋'
    alice.write(`/json ${JSON.stringify({ to: 'bob', text })}\n/json {"text":"to whom I chat"}\n`)
    const out = await alice.until('message')
    expect(out).toMatchObject({ peer: 'bob', direction: 'out', text })
    expect(await bob.until('message')).toMatchObject({ peer: 'alice', direction: 'in', id: out['id'], text })
    expect(await bob.until('message')).toMatchObject({ text: 'to whom I chat' })
    expect(await alice.until('delivered')).toMatchObject({ peer: 'bob', id: out['id'] })

    bob.write('/leave\n')
    for (const one of [alice, bob]) expect(await one.until('closed')).toMatchObject({ reason: 'bye', code: null })
    for (const one of [alice, bob]) {
      one.end()
      const { code, stdout } = await one.ended()
      expect(code).toBe(0)
      // Nothing that a terminal could obey gets through in the raw.
      // oxlint-disable-next-line no-control-regex
      expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
      for (const line of stdout.trimEnd().split('\n')) {
        const { v, at, event }: Printed = JSON.parse(line)
        expect([v, typeof event, new Date(at).toISOString()]).toEqual([1, 'string', at])
      }
    }
  })

  test('three at once, and each conversation is its own', async () => {
    const { address } = await serve()
    const [alice, bob, carol] = await Promise.all(
      ['alice', 'bob', 'carol'].map(name => onlineBot(address, name, ['--accept', 'all'])),
    )
    if (alice === undefined || bob === undefined || carol === undefined) return expect.fail()
    alice.write('/chat bob\n/chat carol\nhello carol\n/msg bob hello bob\n')
    expect(await bob.until('message')).toMatchObject({ peer: 'alice', text: 'hello bob' })
    expect(await carol.until('message')).toMatchObject({ peer: 'alice', text: 'hello carol' })
    bob.write('/chat carol\nbob here\n')
    expect(await carol.until('message')).toMatchObject({ peer: 'bob', text: 'bob here' })
    // Who was accepted without a word is selected only where nobody is: carol's first caller was alice.
    carol.write('for alice\n')
    expect(await alice.until('message', { direction: 'in' })).toMatchObject({ peer: 'carol', text: 'for alice' })
    carol.kill('SIGTERM')
    expect(await alice.until('closed')).toMatchObject({ peer: 'carol', reason: 'bye' })
    expect(await bob.until('closed')).toMatchObject({ peer: 'carol', reason: 'bye' })
    alice.write('/switch bob\nstill here\n')
    expect(await bob.until('message')).toMatchObject({ peer: 'alice', text: 'still here' })
  })

  test('a call can be answered while another one waits for its own answer', async () => {
    const { address } = await serve()
    const [alice, bob, carol] = await Promise.all(['alice', 'bob', 'carol'].map(name => onlineBot(address, name)))
    if (alice === undefined || bob === undefined || carol === undefined) return expect.fail()
    alice.write('/chat bob\n')
    await bob.until('call')
    carol.write('/chat alice\n')
    await alice.until('call', { peer: 'carol' })
    alice.write('/accept carol\nhello\n')
    await carol.until('open')
    bob.write('/decline alice\n')
    expect(await alice.until('closed')).toMatchObject({ peer: 'bob', reason: 'refused', code: 'declined' })
    expect(await carol.until('message')).toMatchObject({ text: 'hello' })
  })

  test('/leave hangs up on whom one calls, and texts before an /accept still go to whom they were for', async () => {
    const { address } = await serve()
    const [alice, bob, carol] = await Promise.all(['alice', 'bob', 'carol'].map(name => onlineBot(address, name)))
    if (alice === undefined || bob === undefined || carol === undefined) return expect.fail()
    alice.write('/chat bob\n')
    await bob.until('call')
    alice.write('/leave bob\n')
    expect(await alice.until('closed')).toMatchObject({
      peer: 'bob',
      reason: 'bye',
      code: null,
      message: 'you hung up',
    })
    expect(await bob.until('closed')).toMatchObject({ peer: 'alice', message: 'the caller hung up' })
    alice.write('/chat bob\nfor bob\n')
    await bob.until('call')
    carol.write('/chat alice\n')
    await alice.until('call', { peer: 'carol' })
    alice.write('/accept carol\nfor carol\n')
    await carol.until('open')
    bob.write('/accept alice\n')
    expect(await bob.until('message')).toMatchObject({ text: 'for bob' })
    expect(await carol.until('message')).toMatchObject({ text: 'for carol' })
  })

  test('what keeps it from starting is an error event, and the exit code says what kind', async () => {
    const { address } = await serve()
    await onlineBot(address, 'alice')
    for (const [args, code, exitCode] of [
      [['--name', 'alice', '--directory', formatAddress(address)], 'name-taken', 1],
      [['--name', 'bob', '--directory', '127.0.0.1:1'], 'no-directory', 1],
      [['--directory', formatAddress(address)], 'usage', 2],
      [['--name', 'b b', '--directory', formatAddress(address)], 'bad-name', 2],
      [['--name', 'bob', '--to', 'Bob'], 'self-call', 2],
      [['--name', 'bob', '--nonsense'], 'usage', 2],
    ] as const) {
      const program = spawn(process.execPath, [binPath('basic-chat-client'), '--json', ...args])
      let stdout = ''
      program.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
      expect(await once(program, 'close')).toEqual([exitCode, null])
      expect(
        stdout
          .trimEnd()
          .split('\n')
          .map(line => JSON.parse(line)),
      ).toEqual([{ v: 1, at: expect.any(String), event: 'error', code, message: expect.any(String) }])
    }
  })

  test('advice of its own is part of an error event before there is a client, too', async () => {
    const { code, stdout } = await runBin('basic-chat-client', ['--json', 'bob'])
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({ event: 'error', code: 'usage', hint: expect.stringContaining('--to') })
  })
})

describe('--to, --wait and --once', () => {
  test('somebody who is not online fails at once', async () => {
    const { address } = await serve()
    const alice = bot(address, 'alice', ['--to', 'bob'], { input: 'hello\n' })
    const { code, stdout } = await alice.ended()
    expect(code).toBe(1)
    const events = stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(events).toMatchObject([
      { event: 'ready' },
      { event: 'call', peer: 'bob' },
      { event: 'closed', peer: 'bob', reason: 'error', code: 'unknown-user' },
    ])
  })

  test('--wait waits for them, and stdin with it', async () => {
    const { address } = await serve()
    const alice = bot(address, 'alice', ['--to', 'bob', '--wait', '30'], { input: 'hello\n' })
    expect(await alice.until('presence')).toMatchObject({ name: 'bob', online: false })
    const bob = client(address, 'bob', ['--accept', 'all', '--once'], { input: '' })
    expect((await alice.ended()).code).toBe(0)
    expect((await bob.ended()).stdout).toBe('alice: hello\n')
  })

  test('--wait gives up', async () => {
    const { address } = await serve()
    const { code, stderr } = await client(address, 'alice', ['--to', 'bob', '--wait', '1'], {
      input: 'hello\n',
    }).ended()
    expect(code).toBe(1)
    expect(stderr).toContain('conversation with bob: bob did not come online within 1 s (unknown-user)')
  })

  test('/leave ends a call of --to in every stage, which counts as not delivered', async () => {
    const { address } = await serve()
    const carol = await onlineBot(address, 'carol')
    const waiting = bot(address, 'alice', ['--to', 'bob', '--wait', '30'])
    const placed = client(address, 'alice2', ['--to', 'carol'])
    const { port } = await impostor(async mallory => {
      mallory.say(peerHello, errorMessage(new ChatError('too-many', 'no place')))
      await mallory.end()
      mallory.socket.end()
    })
    await online(address, 'mallory', { port })
    const retrying = bot(address, 'alice3', ['--to', 'mallory', '--wait', '30'])
    await Promise.all([waiting.until('presence'), carol.until('call'), retrying.until('retry')])
    retrying.write('/leave mallory\n')
    expect(await retrying.until('closed')).toMatchObject({ peer: 'mallory', reason: 'bye', message: 'you hung up' })
    waiting.write('/leave\n')
    placed.write('/leave carol\n')
    expect(await waiting.until('closed')).toMatchObject({ peer: 'bob', reason: 'bye', message: 'you hung up' })
    expect(await carol.until('closed')).toMatchObject({ peer: 'alice2', message: 'the caller hung up' })
    const ended = await Promise.all([waiting, retrying, placed].map(one => one.ended()))
    expect(ended.map(({ code }) => code)).toEqual([1, 1, 1])
    expect(ended[2]?.stderr).toContain('conversation with carol: you hung up')
  })

  test('two who call each other at once have one conversation, and both end with 0', async () => {
    const { address } = await serve()
    const alice = bot(address, 'alice', ['--to', 'bob', '--wait', '30'])
    const bob = bot(address, 'bob', ['--to', 'alice', '--wait', '30'])
    await Promise.all([alice.until('open'), bob.until('open')])
    alice.write('from alice\n')
    bob.write('from bob\n')
    expect(await bob.until('message', { direction: 'in' })).toMatchObject({ text: 'from alice' })
    expect(await alice.until('message', { direction: 'in' })).toMatchObject({ text: 'from bob' })
    alice.end()
    for (const one of [alice, bob]) {
      const { code, stdout } = await one.ended()
      expect(code).toBe(0)
      expect(stdout.match(/"event":"open"/g)).toHaveLength(1)
      expect(stdout.match(/"event":"closed"/g)).toHaveLength(1)
    }
  })

  test('a declined call is 1, and is not the conversation that --once waits for', async () => {
    const { address } = await serve()
    const bob = await onlineBot(address, 'bob', ['--once'])
    const first = client(address, 'alice', ['--to', 'bob'], { input: 'hello\n' })
    await bob.until('call')
    bob.write('/decline\n')
    expect((await first.ended()).code).toBe(1)
    const second = client(address, 'carol', ['--to', 'bob'], { input: 'hello\n' })
    await bob.until('call')
    bob.write('/accept\n')
    expect(await bob.until('message')).toMatchObject({ peer: 'carol', text: 'hello' })
    expect((await second.ended()).code).toBe(0)
    expect((await bob.ended()).code).toBe(0)
  })

  test('with neither, the end of input is the end', async () => {
    const { address } = await serve()
    expect((await client(address, 'alice', ['--accept', 'all'], { input: '' }).ended()).code).toBe(0)
  })
})

describe('ends', () => {
  test('the end of input waits for the last receipt before it says goodbye', async () => {
    const { address } = await serve()
    const received = happenings<number>()
    let say = (..._messages: readonly Message[]) => {}
    const { port } = await impostor(async bob => {
      bob.say(peerHello, nameMessage('bob'))
      await bob.until(CALL.type)
      bob.say(jsonMessage(ACCEPT.type, { conversation: 'b'.repeat(32) }))
      say = bob.say
      for (let message = await bob.next(); message !== null; message = await bob.next()) received.add(message.type)
      bob.socket.end()
    })
    await online(address, 'bob', { port })
    const alice = client(address, 'alice', ['--to', 'bob'], { input: 'hello\n' })
    await received.next(type => type === TEXT.type)
    // A goodbye that did not wait would come before one of these receipts.
    for (const id of [1n, 2n, 3n]) {
      say(TEXT.message({ id, text: 'still here' }))
      await received.next(type => type === RECEIPT.type)
    }
    expect(received.all).toEqual([TEXT.type, RECEIPT.type, RECEIPT.type, RECEIPT.type])
    say(RECEIPT.message({ id: 1n }))
    await received.next(type => type === GOODBYE.type)
    // Bob left without a goodbye of his own.
    expect((await alice.ended()).code).toBe(1)
  })

  test('what is left to say when the peer leaves is undelivered', async () => {
    const { address } = await serve()
    const bob = await onlineBot(address, 'bob', ['--accept', 'all'])
    const alice = client(address, 'alice', ['--to', 'bob'])
    alice.write('one\n')
    await bob.until('message')
    bob.kill('SIGSTOP')
    alice.write('two\n')
    bob.write('/leave\n')
    alice.write('three\n'.repeat(1_000))
    bob.kill('SIGCONT')
    const { code, stderr } = await alice.ended()
    expect(code).toBe(1)
    expect(stderr).toContain('(undelivered)')
    expect(stderr.split('\n').length).toBeLessThan(30)
  })

  test('who reads late still gets everything, to the last event', async () => {
    const { address } = await serve()
    const presence = happenings<string>()
    const watcher = await online(address, 'bob', {
      onPresence: (name, isOnline) => presence.add(`${name} ${isOnline}`),
    })
    await watcher.watch(['alice'])
    const args = ['--name', 'alice', '--directory', formatAddress(address), '--json']
    const alice = spawn(process.execPath, [binPath('basic-chat-client'), ...args])
    alice.stdin.end('nobody hears this\n'.repeat(2_000))
    await presence.next(seen => seen === 'alice true')
    await presence.next(seen => seen === 'alice false')
    let stdout = ''
    alice.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    expect(await once(alice, 'close')).toEqual([1, null])
    expect(stdout.length).toBeGreaterThan(100_000)
    expect(stdout.match(/"no-conversation"/g)).toHaveLength(2_000)
  })

  test.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('%s says goodbye, within two seconds', async signal => {
    const { address } = await serve()
    const alice = await onlineBot(address, 'alice')
    const bob = await onlineBot(address, 'bob', ['--accept', 'all'])
    alice.write('/chat bob\nhello\n')
    await bob.until('message')
    await alice.until('delivered')
    const started = Date.now()
    alice.kill(signal)
    expect(await bob.until('closed')).toMatchObject({ peer: 'alice', reason: 'bye', code: null })
    expect((await alice.ended()).code).toBe(0)
    expect(Date.now() - started).toBeLessThan(stretched(2_000))
  })

  test('SIGTERM ends within two seconds also where the peer is stopped and says nothing', async () => {
    const { address } = await serve()
    const alice = await onlineBot(address, 'alice')
    const bob = await onlineBot(address, 'bob', ['--accept', 'all'])
    alice.write('/chat bob\n')
    await alice.until('open')
    bob.kill('SIGSTOP')
    alice.write('hello?\n')
    await alice.until('message')
    const started = Date.now()
    alice.kill('SIGTERM')
    expect((await alice.ended()).code).toBe(1)
    expect(Date.now() - started).toBeLessThan(stretched(2_000))
    bob.kill('SIGKILL')
  })

  test('a client that is killed has cut its conversation, and its name is free at once', async () => {
    const { address } = await serve()
    const alice = bot(address, 'alice', ['--to', 'bob', '--wait', '30'])
    const bob = await onlineBot(address, 'bob', ['--accept', 'all'])
    await alice.until('open')
    bob.kill('SIGKILL')
    expect(await alice.until('closed')).toMatchObject({ peer: 'bob', reason: 'cut', code: 'cut' })
    expect((await alice.ended()).code).toBe(1)
    await onlineBot(address, 'bob')
  })

  test('the directory may go: the conversation goes on', async () => {
    const server = await serve()
    const alice = await onlineBot(server.address, 'alice')
    const bob = await onlineBot(server.address, 'bob', ['--accept', 'all'])
    alice.write('/chat bob\n')
    await bob.until('open')
    server.kill('SIGKILL')
    for (const one of [alice, bob]) {
      expect(await one.until('directory')).toMatchObject({ state: 'gone', code: 'no-directory' })
    }
    alice.write('still there?\n')
    expect(await bob.until('message')).toMatchObject({ text: 'still there?' })
    alice.write('/chat carol\n/who\n')
    expect(await alice.until('closed')).toMatchObject({ peer: 'carol', code: 'no-directory' })
    expect(await alice.until('error')).toMatchObject({ code: 'no-directory', hint: expect.stringContaining('go on') })
    alice.end()
    expect((await alice.ended()).code).toBe(0)
    expect(await bob.until('closed')).toMatchObject({ reason: 'bye' })
  })

  test('garbage at the door is reported a few times, and ends nothing', async () => {
    const { address } = await serve()
    const bob = await onlineBot(address, 'bob', ['--accept', 'all'])
    const [host = '', port = ''] = String(bob.printed[0]?.['listen']).split(':')
    for (let i = 0; i < 10; i++) {
      const mallory = await stranger({ host, port: Number(port) })
      mallory.write('GET / HTTP/1.1\r\n\r\n')
      expect(await mallory.error()).toBe('wrong-protocol')
    }
    const alice = client(address, 'alice', ['--to', 'bob'], { input: 'hello\n' })
    expect((await alice.ended()).code).toBe(0)
    expect(await bob.until('closed')).toMatchObject({ peer: 'alice' })
    expect(bob.printed.filter(({ event }) => event === 'error')).toHaveLength(3)
    bob.end()
    expect((await bob.ended()).code).toBe(0)
  })

  test('an evil text can neither command the terminal nor pass for the words of another', async () => {
    const { address } = await serve()
    const bob = client(address, 'bob', ['--accept', 'all', '--listen', '127.0.0.1:0', '--once'])
    await bob.stderrShows('you accept calls on')
    const alice = client(address, 'alice', ['--json', '--to', 'bob'])
    alice.write(`/json ${JSON.stringify({ text: 'hi\nbob: forged\u001b]0;title\u0007' })}\n`)
    alice.end()
    await alice.ended()
    expect((await bob.ended()).stdout).toBe('alice: hi\n  bob: forged␛]0;title␇\n')
  })
})

describe('addresses', () => {
  test('everything works over IPv6', async () => {
    const server = await serve(['--host', '[::1]'])
    expect(formatAddress(server.address)).toBe(`[::1]:${server.address.port}`)
    const bob = await onlineBot(server.address, 'bob', ['--accept', 'all', '--once'])
    expect(bob.printed[0]).toMatchObject({ directory: formatAddress(server.address) })
    expect(bob.printed[0]?.['listen']).toMatch(/^\[::1\]:\d+$/)
    const alice = client(server.address, 'alice', ['--to', 'bob'], { input: 'hello\n' })
    expect((await alice.ended()).code).toBe(0)
    expect(await bob.until('message')).toMatchObject({ text: 'hello' })
  })

  test.each([
    ['0.0.0.0', '127.0.0.1', /^0\.0\.0\.0:\d+$/],
    ['::', '::1', /^\[::\]:\d+$/],
  ])(
    'with a directory that is open to the network (%s), clients take calls on every interface',
    async (host, at, listen) => {
      const server = await serve(['--host', host])
      const bob = await onlineBot({ host: at, port: server.address.port }, 'bob')
      expect(bob.printed[0]?.['listen']).toMatch(listen)
    },
  )

  test('--listen overrides that', async () => {
    const server = await serve(['--host', '0.0.0.0'])
    const at = { host: '127.0.0.1', port: server.address.port }
    const bob = await onlineBot(at, 'bob', ['--listen', '127.0.0.1:0'])
    expect(bob.printed[0]?.['listen']).toMatch(/^127\.0\.0\.1:\d+$/)
    const [, port = ''] = String(bob.printed[0]?.['listen']).split(':')
    const busy = await client(at, 'carol', ['--accept', 'all', '--listen', `127.0.0.1:${port}`], { input: '' }).ended()
    expect(busy.code).toBe(1)
    expect(busy.stderr).toMatch(/^error: 127\.0\.0\.1:\d+ is in use by another program \(port-in-use\)\n.*--listen/)
  })
})
