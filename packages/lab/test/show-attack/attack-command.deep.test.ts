import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { binPath, runBin, startBin } from '../../../core/test/support/process.ts'
import { openScreen } from '../../../core/test/support/screen/screen.ts'
import { attackByName, ATTACKS } from '../../src/attacks/attacks.ts'
import { markedProcesses } from '../../../core/test/support/marked-processes.ts'
import { polling } from '../../../core/test/support/patience.ts'

const ivFlip = attackByName('iv-flip')

const attack = (...args: readonly string[]) => startBin('chat-lab', ['attack', ...args], { input: '' }).ended()

type Event = Readonly<Record<string, unknown>>
const eventsIn = (stdout: string) =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line): Event => JSON.parse(line))

function folderOfTest(): string {
  const folder = mkdtempSync(join(tmpdir(), 'attack-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function attackScreen(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const screen = openScreen({
    command: process.execPath,
    args: [binPath('chat-lab'), 'attack', ...args],
    rows: 40,
    env,
  })
  onTestFinished(() => screen.kill())
  return screen
}

test('without a name it lists all attacks, in words and as JSON', async () => {
  const [words, json] = await Promise.all([attack(), attack('--json')])
  expect([words.code, words.stderr, json.code, json.stderr]).toEqual([0, '', 0, ''])
  for (const { name, title } of ATTACKS)
    expect(words.stdout).toMatch(new RegExp(`^  ${name} +${title.slice(0, 20)}`, 'm'))
  expect(eventsIn(json.stdout).map(event => [event['event'], event['attack']])).toEqual(
    ATTACKS.map(({ name }) => ['attack', name]),
  )
})

test.each([
  [['iv-flop'], 'there is no attack iv-flop; did you mean iv-flip?', 'npx --no-install chat-lab attack lists them all'],
  [
    ['iv-flip', '--against', 'aess'],
    'there is no rung aess; did you mean aes?',
    expect.stringContaining('calc, basic'),
  ],
  [['--record', 'file'], '--record goes with the name of an attack', 'see --help'],
  [['iv-flip', '--record', '-'], '--record names a file', 'see --help'],
])('%j is refused', async (args, message, hint) => {
  const { code, stdout, stderr } = await attack(...args)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr.split('\n').map(line => line.trim())).toEqual([`error: ${message} (usage)`, hint, ''])
})

test('where there is nothing to attack it says why, and that is as claimed', async () => {
  const { code, stdout } = await attack('iv-flip', '--against', 'calc')
  expect(code).toBe(0)
  expect(stdout).toContain('not on    calculator: nothing here has an initialisation vector')
})

test('a pipe gets the steps with their bytes, the outcome and the lesson, and is asked nothing', async () => {
  const { code, stdout, stderr } = await attack('iv-flip', '--against', 'textbook-aes', '--explain')
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toContain(ivFlip.title)
  expect(stdout).toContain('\n1.  Mallory guesses')
  expect(stdout).toMatch(/ {4}what alice sent \(48 bytes\)\n {4}0000: [0-9a-f]{2} .*\n {40}\^{8} {21}\^{3}\n/)
  expect(stdout).toContain('          ^^ three bytes of the IV (bytes 10 to 12: 000a to 000c)\n')
  expect(stdout).toContain('broken    alice said "pay carol 100 today", bob reads "pay carol 999 today"\n')
  expect(stdout).toContain('\nWhy\n\nIn CBC the first block')
  expect(stdout).not.toContain(ivFlip.question)
})

test('a play without a result is shown as such, and ends the command with exit code 1', async () => {
  const options = { input: '', env: { TMPDIR: '/nowhere' } }
  const played = startBin('chat-lab', ['attack', 'iv-flip', '--against', 'aes'], options)
  const { code, stdout, stderr } = await played.ended()
  expect([code, stderr]).toEqual([1, ''])
  expect(stdout).toContain('FAILED    no result: cannot make a temporary folder in /nowhere: ')
})

test('as JSON it gives the attack, each step and each outcome', async () => {
  const { code, stdout } = await attack('iv-flip', '--against', 'textbook-aes', '--json')
  expect(code).toBe(0)
  const marks = [{ from: 10, to: 13, meaning: 'three bytes of the IV' }]
  const bytes = expect.stringMatching(/^[0-9a-f]{96}$/)
  expect(eventsIn(stdout)).toMatchObject([
    { v: 1, event: 'attack', attack: 'iv-flip', claimed: { basic: 'n/a', 'textbook-aes': 'broken' } },
    {
      event: 'step',
      rung: 'textbook-aes',
      step: 1,
      shown: [
        { label: 'what alice sent', bytes, marks },
        { label: 'what bob gets', bytes, marks },
      ],
    },
    { event: 'cell', attack: 'iv-flip', rung: 'textbook-aes', claimed: 'broken', result: 'broken' },
  ])
})

test('a recording holds both sides of mallory, for read and for its owner, and is written over nothing', async () => {
  const file = join(folderOfTest(), 'seen.pcapng')
  const args = ['iv-flip', '--against', 'aes', '--record', file]
  expect(await attack(...args)).toMatchObject({ code: 0, stderr: expect.stringContaining(file) })
  expect(statSync(file).mode & 0o777).toBe(0o600)

  const { code, stdout } = await runBin('chat-lab', ['read', file, '--json'])
  expect(code).toBe(0)
  const events = eventsIn(stdout)
  const named = (name: string) => events.filter(({ event }) => event === name)
  const [begin, end] = named('conversation').filter(({ protocol }) => protocol === 'peer-aes/1')
  expect([begin, end]).toMatchObject([{ whole: true }, { whole: true }])
  // What alice sent and what bob got: the record that was tampered with comes twice, under two IVs.
  const ivs = named('message').flatMap(({ conversation, side, summary, fields }) => {
    const ours = conversation === begin?.['conversation'] || conversation === end?.['conversation']
    const tampered = ours && side === 'dialler' && String(summary).startsWith('RECORD 2')
    return tampered ? [JSON.parse(JSON.stringify(fields))['record.iv']] : []
  })
  expect(ivs).toHaveLength(2)
  expect(ivs[0]).not.toBe(ivs[1])

  expect(await attack(...args)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('(unwritable)') })
})

test('a recording that a signal ends can be read', async () => {
  const file = join(folderOfTest(), 'seen.pcapng')
  const lab = startBin('chat-lab', ['attack', 'iv-flip', '--record', file])
  while (!(await lab.line()).startsWith('1. ')) {
    // Not yet.
  }
  lab.kill('SIGTERM')
  expect(await lab.ended()).toMatchObject({ code: 143 })
  const { code, stdout } = await runBin('chat-lab', ['read', file])
  expect(code).toBe(0)
  expect(stdout).toContain('2 conversations of ours')
})

test('a terminal is asked for a prediction of each rung, and told how right it was', async () => {
  const screen = attackScreen(['iv-flip'])
  await screen.until('❯ broken')
  expect(screen.lines().join(' ')).toContain('Against textbook AES')
  expect(screen.lines().join('\n')).not.toContain('bob reads')
  screen.type('r')
  await screen.until('❯ resisted')
  screen.type('\r')
  await screen.until('You said resisted. It is broken: mallory reaches her goal.')
  await screen.until('Against AES chat')
  await screen.until('❯ broken')
  screen.type('r\r')
  await screen.until('You were right. It resisted: she is noticed, or gains nothing')
  expect(await screen.exit).toBe(0)
  const marks = screen.runs().filter(
    row =>
      row
        .map(({ text }) => text)
        .join(' ')
        .search(/^(?:the|three bytes of the) IV/) === 0,
  )
  expect(marks.map(([run]) => run?.colour)).toEqual([3, 3, 3, 3])
})

test('--yes asks nothing', async () => {
  const screen = attackScreen(['iv-flip', '--against', 'textbook-aes', '--yes', '--no-color'])
  expect(await screen.exit).toBe(0)
  expect(screen.lines().join('\n')).not.toContain(ivFlip.question)
  expect(screen.lines()).toContain('          ^^ three bytes of the IV (bytes 10 to 12: 000a to 000c)')
})

test('Ctrl-C leaves from the question and from a play, and no program or folder stays', async () => {
  const folder = folderOfTest()
  const processes = markedProcesses()
  const env = { ...processes.env, TMPDIR: folder }
  const asking = attackScreen(['iv-flip'], env)
  await asking.until('❯ broken')
  asking.type('\u0003')
  expect(await asking.exit).toBe(130)

  const playing = attackScreen(['iv-flip', '--yes'], env)
  await expect.poll(processes.count, polling()).toBeGreaterThanOrEqual(4)
  playing.type('\u0003')
  expect(await playing.exit).toBe(130)
  await expect.poll(processes.count, polling()).toBe(0)
  expect(readdirSync(folder)).toEqual([])
})
