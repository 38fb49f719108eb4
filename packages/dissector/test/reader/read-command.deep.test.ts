import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startBin } from '../../../core/test/support/process.ts'
import { pcapngBlocks } from '../support/capture-file.ts'
import { joined } from '../support/packets.ts'
import { basicConversation, captureOf, directoryTalk, packetsOf, sealedTalk } from '../support/people-conversation.ts'

const folder = mkdtempSync(join(tmpdir(), 'read-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const read = (...args: readonly string[]) => startBin('chat-lab', ['read', ...args]).ended()

const { talk, keys } = sealedTalk('for bob alone 🍵')
const capture = file('talks.pcap', captureOf(directoryTalk, basicConversation('for \x1b[31mall'), talk))
const keyFile = file('keys', `# a comment\n${keys}not a line\n`)

test('a ladder: who talks with whom, what they say, what stays sealed, and what is wrong with it', async () => {
  const { code, stdout, stderr } = await read(capture)
  expect(stderr).toBe('')
  expect(code).toBe(0)
  expect(stdout).toContain('10.0.0.2:49000 is alice')
  expect(stdout).toMatch(/^#1 +alice → bob {2}peer-basic\/1, a chat that everybody can read/m)
  expect(stdout).toMatch(/#1 +alice ─→ bob +TEXT "for ␛\[31mall" .*bytes\]/m)
  expect(stdout).toMatch(/plaintext: anyone on the path can read this/)
  expect(stdout).toMatch(/🔒 at most 60 bytes, in the bucket of 64/)
  expect(stdout).toMatch(/0 messages opened, 5 sealed, 1 CONFIRM not checked/)
  expect(stdout).toMatch(/3 conversations of ours/)
  expect(stdout).not.toContain('for bob alone')
  expect(stdout).not.toContain('\x1b')
})

test('with the key log what was sealed opens, and lines of it that are none are counted', async () => {
  const { code, stdout } = await read(capture, '--keys', keyFile)
  expect(code).toBe(0)
  expect(stdout).toMatch(/🔓 TEXT "for bob alone 🍵"/)
  expect(stdout).toMatch(/5 messages opened, 0 sealed/)
  expect(stdout).toMatch(/key log: 2 lines for what is here, 0 for something else, 1 invalid line \(line 4\)/)
})

test('the key log may come through a pipe', async () => {
  const path = pipe()
  const reader = read(capture, '--keys', path)
  await writeFile(path, keys)
  expect((await reader).stdout).toMatch(/5 messages opened, 0 sealed/)
})

test('keys may travel in the comments of packets', async () => {
  const write = pcapngBlocks()
  const packets = packetsOf([talk]).map((packet, i) =>
    write.packet(i === 0 ? { ...packet, comments: ['a remark', keys] } : packet),
  )
  const { stdout } = await read(file('keys.pcapng', joined(write.section(), write.interface(101), ...packets)))
  expect(stdout).toMatch(/🔓 TEXT "for bob alone 🍵"/)
  expect(stdout).toMatch(/2 lines for what is here, 0 for something else$/m)
})

test('as JSON: one object for each thing that is seen', async () => {
  const { code, stdout } = await read(capture, '--keys', keyFile, '--json')
  expect(code).toBe(0)
  const events: Record<string, unknown>[] = stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
  for (const event of events) expect(event['v']).toBe(1)
  expect(events.filter(({ event }) => event === 'conversation')).toMatchObject([
    {
      conversation: 0,
      protocol: 'directory/1',
      dialler: { address: '10.0.0.2:49000' },
      listener: { name: 'directory' },
    },
    { conversation: 1, protocol: 'peer-basic/1', dialler: { name: 'alice' }, listener: { name: 'bob' }, whole: true },
    { conversation: 2, protocol: 'peer-aes/1' },
  ])
  const messages = events.filter(({ event }) => event === 'message')
  expect(messages.find(({ name }) => name === 'TEXT')).toMatchObject({
    conversation: 1,
    packet: expect.any(Number),
    time: expect.stringMatching(/^2023-11-14T22:13:20\.\d{9}Z$/),
    side: 'dialler',
    from: { address: '10.0.0.2:50000', name: 'alice' },
    to: { address: '10.0.0.3:40003', name: 'bob' },
    protocol: 'peer-basic/1',
    state: 'plain',
    size: 25,
    fields: { id: '1', text: 'for \x1b[31mall' },
    findings: [{ code: 'plaintext', severity: 'warning' }],
  })
  expect(messages.filter(({ name }) => name === 'RECORD')[0]).toMatchObject({
    state: 'opened',
    inner: [{ name: 'TEXT', fields: { text: 'for bob alone 🍵' } }],
  })
  expect(messages.find(({ name }) => name === 'WATCH')).toMatchObject({ fields: { name: ['alice', 'bob'] } })
  expect(events.filter(({ event }) => event === 'end')).toHaveLength(3)
  expect(events.at(-1)).toMatchObject({
    event: 'summary',
    conversations: 3,
    foreign: 0,
    opened: 5,
    sealed: 0,
    unchecked: 0,
    keys: { used: 2, unused: 0, garbage: 1, contradictions: 0 },
    page: null,
    findings: [{ code: 'plaintext', count: 1 }, { code: 'unproven-name' }],
  })
})

test('a recording that goes on is shown as it comes, and Ctrl-C ends it with the summary', async () => {
  const reader = startBin('chat-lab', ['read', '-'])
  const bytes = captureOf(basicConversation('live'))
  // All but the end of the last packet.
  reader.write(bytes.subarray(0, -5))
  for (let line = ''; !line.includes('TEXT "live"'); ) line = await reader.line()
  reader.kill('SIGINT')
  const { code, stdout, stderr } = await reader.ended()
  expect(code).toBe(0)
  expect(stderr).toBe('')
  expect(stdout).toMatch(/1 conversation of ours/)
  expect(stdout).not.toContain('cut off')
})

test('a reader that has enough ends it quietly', async () => {
  const reader = startBin('chat-lab', ['read', capture])
  await reader.line()
  reader.closeStdout()
  expect(await reader.ended()).toMatchObject({ code: 0, stderr: '' })
})

test('a capture without us says so, and what helps', async () => {
  const { code, stdout } = await read(file('empty.pcap', captureOf()))
  expect(code).toBe(0)
  expect(stdout).toMatch(/no TCP connection in this capture[^]*tcpdump -i/)
})

test('a capture that is cut off gives what is there, and says so', async () => {
  const { code, stdout } = await read(file('cut.pcap', captureOf(basicConversation('whole')).subarray(0, -5)))
  expect(code).toBe(0)
  expect(stdout).toContain('TEXT "whole"')
  expect(stdout).toMatch(/gap: [^]*cut\s+off here[^]*warnings\n[^]* 1 × gap/)
})

const changed = (kind: string) =>
  keys.replace(
    new RegExp(`(${kind}\\S+ \\S+ )(.)`),
    (_, before: string, digit: string) => before + (digit === '0' ? 1 : 0),
  )

test.each([
  ['a wrong secret of the session', () => file('wrong-session', changed('P2PC_SESSION')), /suspect the key\s+log/],
  [
    'a wrong secret of the handshake',
    () => file('wrong-handshake', changed('P2PC_HANDSHAKE')),
    /suspect the key\s+log/,
  ],
  [
    'the key log of others',
    () => file('others', keys.replace(/SECRET [0-9a-f]{4}/g, 'SECRET abcd')),
    /to other conversations/,
  ],
  ['a text', () => file('no-keys', 'hello\n'), /\S+no-keys has no line of a key log/],
])('%s in place of the key log is said to be one', async (_, keyLog, doubt) => {
  const { code, stdout } = await read(capture, '--keys', keyLog())
  expect(code).toBe(0)
  expect(stdout).toMatch(doubt)
  expect((await read(capture, '--keys', keyFile)).stdout).not.toMatch(doubt)
})

test('where connections began before the capture it says so, and that they may be ours', async () => {
  const packets = packetsOf([directoryTalk, talk])
  const firstOf = (port: number) => packets.findIndex(({ bytes }) => Buffer.from(bytes).includes(portBytes(port)))
  const late = packets.filter((_, i) => i > 9 && !(i >= firstOf(50_001) && i < firstOf(50_001) + 9))
  const write = pcapngBlocks()
  const blocks = late.map(packet => write.packet(packet))
  const { code, stdout } = await read(file('late.pcapng', joined(write.section(), write.interface(101), ...blocks)))
  expect(code).toBe(0)
  expect(stdout).toMatch(/1 conversation of ours, 1 other connection/)
  expect(stdout).toMatch(/2 connections began before the capture, and whether one of them is ours cannot be seen/)
  expect((await read(capture)).stdout).not.toContain('before the capture')
})

const portBytes = (port: number) => Buffer.from([port >> 8, port & 255])

test('a page says where it is, and what is in it', async () => {
  const out = join(folder, 'page.html')
  const { code, stdout } = await read(capture, '--keys', keyFile, '--html', out)
  expect(code).toBe(0)
  expect(stdout.replace(/\s+/g, ' ')).toContain(`The page is in ${out}. It contains the opened texts`)
  const open = await read(capture, '--json', '--html', join(folder, 'open.html'))
  expect(JSON.parse(open.stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ page: join(folder, 'open.html') })
  expect(await read(capture, '--html', '-')).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/--html.*\(usage\)/),
  })
})

test.each([
  [
    'a file that is not there',
    () => [join(folder, 'nowhere')],
    /^error: cannot read \S+nowhere: no such file or directory \(unreadable\)/,
  ],
  ['a folder', () => [folder], /unreadable/],
  ['a pipe', () => [pipe()], /unreadable[^]*chat-lab read -/],
  ['a text', () => [file('text', 'hello, I am no capture')], /^error: \S+text: it does not begin .*bad-capture/],
  ['nothing', () => [file('nothing', '')], /^error: \S+nothing: it is empty .*bad-capture/],
  ['a packed capture', () => [file('packed', '\x1f\x8b and so on')], /bad-capture|unpack/],
  ['a key log that is not there', () => [capture, '--keys', join(folder, 'nowhere')], /unreadable/],
  ['a key log without an end', () => [capture, '--keys', '/dev/zero'], /zero is larger than 32 MB \(unreadable\)/],
])('%s is one clear error', async (_, args, message) => {
  const { code, stdout, stderr } = await read(...args())
  expect(code).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toMatch(message)
  expect(stderr.trimEnd().split('\n')).toHaveLength(2)
})

function pipe(): string {
  const path = join(mkdtempSync(join(folder, 'pipe-')), 'pipe')
  execFileSync('mkfifo', [path])
  return path
}
