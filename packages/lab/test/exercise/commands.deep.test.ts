import { execFileSync } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startBin } from '../../../core/test/support/process.ts'
import { makeExercise, openFolder, readSubmission } from '../../src/exercise/exercise-folder.ts'
import type { Exercise } from '../../src/exercise/exercise.ts'
import { EXERCISES, exerciseNamed } from '../../src/exercise/exercises.ts'
import { readReceipt, regrade } from '../../src/exercise/receipt.ts'
import { exercise, fillIn, temporaryFolder } from '../support/student.ts'
import { recoverMessage } from './solutions/recover-message.ts'

/** Nobody leaves before the end. */
const { signal } = new AbortController()

const NAME = 'recover-message'
const FOLDER = join('chat-lab-exercises', NAME)

const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/

const said = ({ code, stdout, stderr }: Awaited<ReturnType<typeof exercise>>) => [code, stdout, stderr]

test.each([
  [
    ['start', 'recover-mesage'],
    'there is no exercise recover-mesage; did you mean recover-message?',
    'npx --no-install chat-lab exercise list shows all',
  ],
  [['check', 'xyzzy'], 'there is no exercise xyzzy', 'npx --no-install chat-lab exercise list shows all'],
  [['strat', NAME], 'there is no command strat; did you mean start?', 'see --help'],
  [['check'], 'no exercise was started here', 'npx --no-install chat-lab exercise start NAME; list shows all'],
  [['start', NAME, '--seed', ''], '--seed is empty', 'see --help'],
  [
    ['check', NAME, '--receipt', 'receipt.json'],
    '--receipt takes neither a name nor --folder: the receipt says which exercise it is for',
    'see --help',
  ],
  [
    ['check', '--folder', '.', '--receipt', 'receipt.json'],
    '--receipt takes neither a name nor --folder: the receipt says which exercise it is for',
    'see --help',
  ],
  [['serve', NAME], `${NAME} has no service`, 'there is one for padding-oracle'],
  [['check', '--seed', 'x'], '--seed belongs to --receipt: the seed of a folder is in the folder', 'see --help'],
])('exercise %j is wrong usage', async (args, why, hint) => {
  const folder = temporaryFolder()
  expect(said(await exercise(folder, ...args))).toEqual([2, '', `error: ${why} (usage)\n  ${hint}\n`])
  expect(readdirSync(folder)).toEqual([])
})

test('an exercise is begun once, and begun anew beside the old one', async () => {
  const testbed = temporaryFolder()
  expect(said(await exercise(testbed, 'start', NAME, '--seed', 'one'))).toEqual([
    0,
    `Recover a message from a capture: the task is in ${FOLDER}/TASK.md\n`,
    '',
  ])
  const here = join(testbed, FOLDER)
  expect(readdirSync(here).sort()).toEqual(['ANSWER.txt', 'TASK.md', 'capture.pcapng', 'exercise.json'])
  await fillIn(here, { text: 'my work' })
  const answers = readFileSync(join(here, 'ANSWER.txt'), 'utf8')

  const again = await exercise(testbed, 'start', NAME)
  expect(again).toMatchObject({ code: 1, stdout: '' })
  expect(again.stderr).toMatch(/already exists \(unwritable\)\n.*reset recover-message\n$/)

  const asked = await exercise(testbed, 'reset', NAME)
  expect(said(asked)).toEqual([
    2,
    '',
    'error: reset needs a terminal to ask for confirmation (usage)\n  pass --yes to reset without a question\n',
  ])
  expect(readFileSync(join(here, 'ANSWER.txt'), 'utf8')).toBe(answers)

  for (const kept of [1, 2]) {
    const reset = await exercise(testbed, 'reset', NAME, '--yes')
    expect(said(reset)).toEqual([
      0,
      `${FOLDER} is new, in the same variant; the old one is kept as ${FOLDER}.kept-${kept}\n`,
      '',
    ])
  }
  expect(readFileSync(join(`${here}.kept-1`, 'ANSWER.txt'), 'utf8')).toBe(answers)
  expect(readFileSync(join(here, 'ANSWER.txt'), 'utf8')).not.toContain('my work')
  const seeds = ['', '.kept-1', '.kept-2'].map(
    (kept): string => JSON.parse(readFileSync(join(`${here}${kept}`, 'exercise.json'), 'utf8')).seed,
  )
  expect(seeds).toEqual(['one', 'one', 'one'])

  const inside = await exercise(here, 'reset', NAME, '--folder', './', '--yes', '--seed', 'two')
  expect([inside.code, inside.stdout]).toEqual([
    0,
    `./ is new, in another variant; the old one is kept as ../${NAME}.kept-3\n`,
  ])
  expect(readdirSync(here)).toContain('TASK.md')
})

test('a check says what is right and what is not, and its receipt holds until somebody changes it', async () => {
  const testbed = temporaryFolder()
  const here = join(testbed, FOLDER)
  await exercise(testbed, 'start', NAME, '--seed', 'one')
  const answers = await recoverMessage(here)
  await fillIn(here, { ...answers, from: 'the butler', packet: '9999' })
  writeFileSync(join(here, 'ANSWER.txt'), 'colour: red\n', { flag: 'a' })
  const half = await exercise(testbed, 'check')
  expect(said(half)).toEqual([
    1,
    [
      `${NAME}: 5 of 8 points`,
      '  ✓ text       4 of 4',
      '  ✗ from       0 of 2  this is not one of alice, bob, carol',
      '  ✓ to         1 of 1',
      '  ✗ packet     0 of 1  not right',
      '',
    ].join('\n'),
    'note: no part is called colour\n',
  ])
  const list = await exercise(testbed, 'list', '--json')
  const states = list.stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
  expect(states.map(({ name }) => name)).toEqual(EXERCISES.map(({ name }) => name))
  expect(states[0]).toMatchObject({
    v: 1,
    event: 'exercise',
    at: expect.stringMatching(TIME),
    session: 1,
    points: 8,
    state: 'checked',
    earned: 5,
  })
  expect(states[1]).toMatchObject({ state: 'new', earned: null })

  const path = join(here, 'receipt.json')
  const receipt = JSON.parse(readFileSync(path, 'utf8'))
  expect(receipt).toMatchObject({ v: 1, exercise: NAME, seed: 'one', earned: 5, points: 8, script: null })
  expect(receipt.time).toMatch(TIME)
  expect(said(await exercise(testbed, 'check', '--receipt', path, '--seed', 'one'))).toEqual([
    0,
    `${NAME}: 5 of 8 points; the receipt holds\n`,
    '',
  ])

  const changes: readonly (readonly [object, string])[] = [
    [{ earned: 8 }, 'its points do not add up'],
    [
      { parts: receipt.parts.map((part: object) => ({ ...part, earned: 2 })) },
      'the scores differ in text, from, to, packet',
    ],
    [{ answers: {} }, 'the scores differ in text, to'],
    [{ seed: 'two' }, 'the scores differ in text'],
  ]
  for (const [change, why] of changes) {
    const { fault } = await regrade({ ...receipt, ...change }, receipt.version, signal)
    expect(fault).toContain(why)
    expect(fault).not.toContain('version')
  }
  const { fault } = await regrade({ ...receipt, earned: 8, version: '0.0.1' }, '0.0.2', signal)
  expect(fault).toBe('its points do not add up; it was checked by version 0.0.1, this is 0.0.2')
  expect((await regrade({ ...receipt, version: '0.0.1' }, '0.0.2', signal)).fault).toBeNull()
  const forged = join(testbed, 'forged.json')
  writeFileSync(forged, JSON.stringify({ ...receipt, earned: 8 }))
  const refused = await exercise(testbed, 'check', '--receipt', forged)
  expect([refused.code, refused.stdout]).toEqual([
    1,
    `${NAME}: 5 of 8 points; the receipt does not hold: its points do not add up\n`,
  ])
  expect((await exercise(testbed, 'check', '--receipt', path, '--seed', 'two')).stdout).toContain(
    'it is for another seed',
  )
})

test('what is missing or broken is told in one line, and nothing is written', async () => {
  const testbed = temporaryFolder()
  const here = join(testbed, FOLDER)
  const known = exerciseNamed(NAME)
  await makeExercise(known, 'one', here)
  rmSync(join(here, 'ANSWER.txt'))
  expect((await readSubmission(known, here, 'one')).submission.answers).toEqual({})
  writeFileSync(join(here, 'ANSWER.txt'), 'x'.repeat(70_000))
  await expect(readSubmission(known, here, 'one')).rejects.toMatchObject({
    code: 'unreadable',
    message: expect.stringContaining('more than 64 KiB'),
  })
  await expect(openFolder(here, 'textbook-secret')).rejects.toMatchObject({ code: 'usage' })

  const receipt = join(here, 'receipt.json')
  writeFileSync(receipt, '{"v":1}')
  await expect(readReceipt(receipt)).rejects.toMatchObject({
    code: 'unreadable',
    message: `${receipt} is not a valid receipt`,
  })
  await expect(readReceipt(join(here, 'none.json'))).rejects.toMatchObject({ code: 'unreadable' })
  expect((await exercise(testbed, 'list')).stdout).toContain('8 points  started')

  writeFileSync(join(here, 'exercise.json'), '{"v":1,"exercise":"recover-message"}')
  const broken = await exercise(testbed, 'check', NAME)
  expect(broken).toMatchObject({ code: 1, stdout: '' })
  expect(broken.stderr).toMatch(/^error: .* is not the folder of an exercise \(unreadable\)\n/)
})

test.skipIf(process.platform === 'win32')(
  'links and pipes in a folder are neither read nor waited for, and a receipt takes the place of a link',
  async () => {
    const testbed = temporaryFolder()
    const here = join(testbed, FOLDER)
    await exercise(testbed, 'start', NAME)
    const theirs = join(testbed, 'private.txt')
    writeFileSync(theirs, 'not for you')
    const answers = join(here, 'ANSWER.txt')
    symlinkSync(theirs, join(here, 'receipt.json'))
    expect((await exercise(testbed, 'check')).stdout).toContain('0 of 8 points')
    expect(readFileSync(theirs, 'utf8')).toBe('not for you')
    expect(lstatSync(join(here, 'receipt.json')).isFile()).toBe(true)
    for (const place of [() => symlinkSync(theirs, answers), () => execFileSync('mkfifo', [answers])]) {
      rmSync(answers)
      place()
      const { code, stdout, stderr } = await exercise(testbed, 'check')
      expect([code, stdout, stderr]).toEqual([
        1,
        '',
        `error: ${join(FOLDER, 'ANSWER.txt')} is not a plain file (unreadable)\n  put a file in its place: links are not followed\n`,
      ])
    }
  },
)

test('an exercise that cannot be written whole is not there at all', async () => {
  const testbed = temporaryFolder()
  const known = exerciseNamed(NAME)
  writeFileSync(join(testbed, 'file'), '')
  await expect(makeExercise(known, 'one', join(testbed, 'file', 'x'))).rejects.toMatchObject({ code: 'unwritable' })
  // A file of a name that leads nowhere.
  const unlucky: Exercise = {
    ...known,
    prepare: async variant => ({ ...(await known.prepare(variant)), files: { 'one.txt': '1', 'no/where.txt': '2' } }),
  }
  await expect(makeExercise(unlucky, 'one', join(testbed, 'x'))).rejects.toMatchObject({ code: 'unwritable' })
  expect(readdirSync(testbed)).toEqual(['file'])
})

test('the service of an exercise says where it listens, answers, and leaves when it is told to', async () => {
  const testbed = temporaryFolder()
  await exercise(testbed, 'start', 'padding-oracle', '--seed', 'one')
  const serve = (...flags: readonly string[]) =>
    startBin('chat-lab', ['exercise', 'serve', 'padding-oracle', ...flags], { cwd: testbed })
  const [plain, json] = [serve(), serve('--json')]
  expect(await plain.listening()).toMatchObject({ host: '127.0.0.1' })
  const listening = JSON.parse(await json.line())
  expect(listening).toMatchObject({ v: 1, event: 'listening', at: expect.stringMatching(TIME), host: '127.0.0.1' })
  expect(listening.port).toBeGreaterThan(0)
  for (const service of [plain, json]) {
    service.kill('SIGTERM')
    expect(await service.ended()).toMatchObject({ code: 0, stderr: '' })
  }
})

test('a script that asks for the debugger of the check does not get it', async () => {
  const testbed = temporaryFolder()
  await exercise(testbed, 'start', 'padding-oracle')
  // It stays for long enough that a debugger would be there.
  const script = "process.kill(process.ppid, 'SIGUSR1'); setTimeout(() => console.log('asked'), 500)"
  writeFileSync(join(testbed, 'chat-lab-exercises', 'padding-oracle', 'attack.mjs'), script)
  const { code, stdout, stderr } = await exercise(testbed, 'check')
  expect([code, stderr]).toEqual([1, ''])
  expect(stdout).toContain('it printed something other')
})

test('Ctrl-C ends a check with its script, and leaves no receipt and nothing running', async () => {
  const testbed = temporaryFolder()
  await exercise(testbed, 'start', 'man-in-the-middle')
  const here = join(testbed, 'chat-lab-exercises', 'man-in-the-middle')
  const beacon = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void beacon.close())
  await once(beacon, 'listening')
  const address = beacon.address()
  if (address === null || typeof address === 'string') throw new Error('the beacon listens on no port')
  const script = `import { connect } from 'node:net'; connect(${address.port}, '127.0.0.1'); setInterval(() => {}, 1000)`
  writeFileSync(join(here, 'mallory.mjs'), script)
  const check = startBin('chat-lab', ['exercise', 'check'], { cwd: testbed })
  const [socket]: Socket[] = await once(beacon, 'connection')
  check.kill('SIGINT')
  const { code, stderr } = await check.ended()
  expect([code, stderr]).toEqual([1, 'error: the check was stopped (cancelled)\n  no receipt was written\n'])
  expect(readdirSync(here)).not.toContain('receipt.json')
  socket?.resume()
  if (socket !== undefined && !socket.closed) await once(socket, 'close')
})
