import { ChatError, rethrowUnless } from '@p2p-secure-chat/core/errors'
import { expect, test } from 'vitest'
import type { CommandContext } from '../../src/commands/chat-command.ts'
import { commonCommands } from '../../src/commands/common-commands.ts'
import { MAX_KEPT_LENGTH, MAX_KEPT_LINES, mayBeKept, openHistory } from '../../src/screen/kept-history.ts'
import { DEFAULT_SETTINGS, openPreferences, type PersonalFiles, type Settings } from '../../src/commands/preferences.ts'

/** A folder in memory. */
function folder(content: Record<string, string> = {}): PersonalFiles & { content: Record<string, string> } {
  return {
    content,
    where: file => `HOME/${file}`,
    read: file => Promise.resolve(content[file] ?? null),
    write(file, text) {
      content[file] = text
      return Promise.resolve()
    },
  }
}

const refused: PersonalFiles = {
  where: file => file,
  read: () => Promise.resolve(null),
  write: file => Promise.reject(new ChatError('unwritable', `${file}: no space left`)),
}

async function preferencesIn(files: PersonalFiles | null, forNow: Partial<Settings> = {}) {
  const warnings: string[] = []
  const changes: Settings[] = []
  const preferences = await openPreferences({ files, forNow, warn: text => void warnings.push(text) })
  preferences.watch(settings => void changes.push(settings))
  return { preferences, warnings, changes }
}

test('settings are remembered, without what the command line wanted for once', async () => {
  const files = folder()
  const { preferences, changes } = await preferencesIn(files, { plain: true })
  expect(preferences.current).toEqual({ ...DEFAULT_SETTINGS, plain: true })
  await preferences.change({ bell: true })
  expect(changes).toEqual([{ ...DEFAULT_SETTINGS, plain: true, bell: true }])
  const later = await preferencesIn(files)
  expect([later.preferences.current, later.warnings]).toEqual([{ ...DEFAULT_SETTINGS, bell: true }, []])
})

test.each(['', 'nonsense', '{"bell":"on"}', '{"bel":true}', 'null'])(
  'a file with %j in it is warned about once, and the defaults count',
  async text => {
    const { preferences, warnings } = await preferencesIn(folder({ settings: text }))
    expect(preferences.current).toEqual(DEFAULT_SETTINGS)
    expect(warnings).toEqual([expect.stringMatching(/^HOME\/settings is not a settings file: the defaults apply/)])
  },
)

test('settings that are not remembered count nevertheless, and say so', async () => {
  const { preferences } = await preferencesIn(refused)
  await expect(preferences.change({ times: true })).rejects.toMatchObject({ code: 'unwritable' })
  expect(preferences.current.times).toBe(true)
  const nowhere = await preferencesIn(null)
  await nowhere.preferences.change({ times: true })
  expect(nowhere.preferences.current.times).toBe(true)
})

async function set(rest: string): Promise<string> {
  const { preferences } = await preferencesIn(null)
  const notes: string[] = []
  const note = (text: string) => void notes.push(text)
  const presenter = { note, answer: note }
  // oxlint-disable-next-line no-unsafe-type-assertion -- all that /set looks at
  const context = { preferences, presenter } as CommandContext
  await commonCommands
    .find(({ name }) => name === 'set')
    ?.run(rest, context)
    .catch((error: unknown) => {
      rethrowUnless(error)
      notes.push(`${error.message} (${error.code})`)
    })
  return notes.join('\n')
}

test('/set lists, changes, and helps with what was meant', async () => {
  expect(await set('')).toMatch(/^bell {3}off .*\ntitle {2}off .*\ntimes {2}off .*\nplain {2}off .*$/)
  expect(await set('bell on')).toBe('bell is on')
  expect(await set(' times  on ')).toBe('times is on')
  expect(await set('tmies off')).toBe('there is no setting tmies; did you mean times? (usage)')
  expect(await set('nonsense on')).toBe('there is no setting nonsense (usage)')
  expect(await set('constructor on')).toBe('there is no setting constructor (usage)')
  for (const rest of ['bell maybe', 'bell on now', 'bell 1']) expect(await set(rest)).toMatch(/^usage: .* \(usage\)$/)
})

test.each([
  ['/chat bob', true],
  ['/who', true],
  ['/WHO', true],
  ['/MSG bob hello', false],
  ['/m\u200bsg bob hello', false],
  ['/ msg bob hello', false],
  ['/help msg', true],
  ['/msg bob the secret', false],
  ['/mgs bob the secret', false],
  ['/who\nthe secret', false],
  ['the secret', false],
  ['//chat the secret', false],
  [`/chat ${'x'.repeat(MAX_KEPT_LENGTH)}`, false],
])('%j may lie on a disk: %s', (line, expected) => {
  expect(mayBeKept(line, commonCommands)).toBe(expected)
})

test('commands without texts come back, the latest first, each once', async () => {
  const files = folder()
  const history = await openHistory(files, expect.fail)
  for (const line of ['/who', 'hello', '/chat bob', '/msg bob hi', '/who']) history.add(line, commonCommands)
  await history.settled()
  expect(files.content).toEqual({ history: '/chat bob\n/who\n' })
  expect((await openHistory(files, expect.fail)).lines).toEqual(['/who', '/chat bob'])
})

test('what is kept is bounded, and what did not come from a keyboard does not come back', async () => {
  const files = folder({ history: `/who \u001b[2J\nhello\n${'x'.repeat(100_000)}\n/chat bob\n\n` })
  const history = await openHistory(files, expect.fail)
  expect(history.lines).toEqual(['/chat bob'])
  for (let number = 0; number < 2 * MAX_KEPT_LINES; number++) history.add(`/chat bob${number}`, commonCommands)
  await history.settled()
  const later = await openHistory(files, expect.fail)
  expect(later.lines).toHaveLength(MAX_KEPT_LINES)
  expect(later.lines[0]).toBe(`/chat bob${2 * MAX_KEPT_LINES - 1}`)
})

test('a folder that takes or gives nothing is told of once', async () => {
  const warnings: string[] = []
  const history = await openHistory(refused, text => void warnings.push(text))
  for (const line of ['/who', '/chat bob', '/leave']) {
    history.add(line, commonCommands)
    await history.settled()
  }
  expect(warnings).toEqual([expect.stringMatching(/^entered commands are not saved: .*left \(unwritable\)\n {2}\S/)])
  const unreadable = await openHistory(
    { ...refused, read: () => Promise.reject(new ChatError('unreadable', 'history: is a folder')) },
    text => void warnings.push(text),
  )
  unreadable.add('/who', commonCommands)
  await unreadable.settled()
  expect(warnings.slice(1)).toEqual([expect.stringMatching(/ history: is a folder \(unreadable\)\n {2}\S/)])
})
