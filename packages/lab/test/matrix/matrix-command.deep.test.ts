import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { binPath, startBin } from '../../../core/test/support/process.ts'
import { openScreen } from '../../../core/test/support/screen/screen.ts'
import { cellEvents } from '../support/attack-table.ts'
import { markedProcesses } from '../../../core/test/support/marked-processes.ts'
import { polling } from '../../../core/test/support/patience.ts'

const matrix = (...args: readonly string[]) => startBin('chat-lab', ['matrix', ...args], { input: '' }).ended()

/** Temporary folders of one run alone, and a way to find its programs. */
function run() {
  const folder = mkdtempSync(join(tmpdir(), 'matrix-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const processes = markedProcesses()
  const env = { ...processes.env, TMPDIR: folder }
  return {
    env,
    /** Alice, bob, their directory, and the lab itself. */
    isPlaying: () => expect.poll(processes.count, polling()).toBeGreaterThanOrEqual(4),
    isGone: () => expect.poll(processes.count, polling()).toBe(0),
    async leftNothing() {
      await expect.poll(processes.count, polling()).toBe(0)
      expect(readdirSync(folder)).toEqual([])
    },
  }
}

test('the attacks and rungs that are named are played alone', async () => {
  const { code, stdout, stderr } = await matrix(
    '--json',
    '--attack',
    'iv-flip',
    'eavesdropping',
    '--rung',
    'calc',
    '--rung',
    'textbook-aes',
  )
  expect([code, stderr]).toEqual([0, ''])
  const events = cellEvents(stdout)
  expect(
    events
      .slice(0, -1)
      .map(({ attack, rung }) => `${attack} ${rung}`)
      .toSorted(),
  ).toEqual(['eavesdropping calc', 'eavesdropping textbook-aes', 'iv-flip calc', 'iv-flip textbook-aes'])
  expect(events[0]).toMatchObject({
    v: 1,
    event: 'cell',
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    claimed: 'n/a',
    result: 'n/a',
  })
  expect(events.at(-1)).toMatchObject({ event: 'summary', cells: 4, broken: 2, resisted: 1, 'n/a': 1, unclaimed: 0 })
})

test.each([
  [['--attack', 'eavesdroping'], 'there is no attack eavesdroping; did you mean eavesdropping?', /chat-lab attack/],
  [['--attack', 'iv-flip', 'voodoo'], 'there is no attack voodoo', /chat-lab attack/],
  [['--rung', 'textbook-dhh'], 'there is no rung textbook-dhh; did you mean textbook-dh?', /calc, basic/],
])('%j is refused, and nothing is played', async (args, message, hint) => {
  const { code, stdout, stderr } = await matrix(...args)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr.split('\n')).toEqual([`error: ${message} (usage)`, expect.stringMatching(hint), ''])
})

test('a pipe gets the table, the evidence and the summary, and nothing that is written over', async () => {
  const { code, stdout, stderr } = await matrix('--attack', 'iv-flip', '--rung', 'calc', 'aes')
  expect([code, stderr]).toEqual([0, ''])
  const lines = stdout.split('\n')
  expect(lines.slice(0, 6)).toEqual([
    '          calc     aes',
    '',
    'The texts',
    '  iv-flip -        resisted',
    '',
    'iv-flip',
  ])
  expect(lines[6]).toMatch(/^ {2}aes {11}resisted {2}\S.*bob/)
  expect(lines.slice(-5)).toEqual([
    expect.stringMatching(/^ {2}- {13}calc: \S/),
    '',
    expect.stringMatching(/^2 cells: 0 broken, 1 resisted, 0 leaks, 1 with nothing to attack; \d+\.\d s$/),
    'every cell came out as claimed',
    '',
  ])
})

test('a play without a result is shown as such, and ends the command with exit code 1', async () => {
  const args = ['matrix', '--attack', 'iv-flip', '--rung', 'aes']
  const options = { input: '', env: { TMPDIR: '/nowhere' } }
  const [words, json] = await Promise.all(
    [args, [...args, '--json']].map(all => startBin('chat-lab', all, options).ended()),
  )
  expect([words?.code, words?.stderr, json?.code, json?.stderr]).toEqual([1, '', 1, ''])
  expect(words?.stdout).toMatch(/^ {2}iv-flip FAILED$/m)
  expect(words?.stdout).toMatch(
    /^ {2}iv-flip against aes: claimed resisted: no result: cannot make a temporary folder in /m,
  )
  expect(cellEvents(json?.stdout ?? '')).toMatchObject([
    { v: 1, event: 'error', attack: 'iv-flip', rung: 'aes', claimed: 'resisted', code: 'unwritable' },
    { event: 'summary', cells: 1, unclaimed: 1 },
  ])
})

test('a terminal shows meanwhile what is played, and Ctrl-C leaves no program, no folder and no line of progress', async () => {
  const { env, isPlaying, leftNothing } = run()
  const screen = openScreen({
    command: process.execPath,
    args: [binPath('chat-lab'), 'matrix', '--attack', 'iv-flip'],
    env,
  })
  onTestFinished(() => screen.kill())
  await screen.until('  0 of 2 plays are over; now iv-flip on textbook-aes, iv-flip on aes')
  await isPlaying()
  screen.type('\u0003')
  expect(await screen.exit).toBe(130)
  expect(screen.lines().join('\n')).not.toContain('plays are over')
  await leftNothing()
})

test.each([
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s leaves nothing either', async (signal, exitCode) => {
  const { env, isPlaying, leftNothing } = run()
  const lab = startBin('chat-lab', ['matrix', '--attack', 'iv-flip'], { env })
  await isPlaying()
  lab.kill(signal)
  expect(await lab.ended()).toMatchObject({ code: exitCode, stderr: '' })
  await leftNothing()
})

test('no program outlives a lab that is killed', async () => {
  const { env, isPlaying, isGone } = run()
  const lab = startBin('chat-lab', ['matrix', '--attack', 'iv-flip'], { env })
  await isPlaying()
  lab.kill('SIGKILL')
  await isGone()
})

test('who reads no further ends it quietly, and nothing is left', async () => {
  const { env, leftNothing } = run()
  const lab = startBin('chat-lab', ['matrix', '--json', '--attack', 'iv-flip'], { env })
  await lab.line()
  lab.closeStdout()
  expect(await lab.ended()).toMatchObject({ stderr: '' })
  await leftNothing()
})
