import { parseName } from '@p2p-secure-chat/basic-p2p/directory/name'
import { type ChatCommand, type CommandContext, misused } from '@p2p-secure-chat/basic-p2p/commands/chat-command'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { ChatLog } from './chat-log.ts'
import type { LogEntry } from './log-entry.ts'
import { logLine, unfinishedRuns } from './log-lines.ts'
import { type KeySource, readLog } from './read-log.ts'

/** Texts to show by default, and at most: as many as a screen and its scrollback can hold. */
const SHOWN = 20
const SHOWN_LIMIT = 1_000

type Client = Pick<CommandContext, 'presenter' | 'interactive' | 'confirm'>

/** The `/log` command. @param name our own */
export function logCommand(log: ChatLog, keys: KeySource, name: string): ChatCommand {
  async function show(words: readonly string[], { presenter }: Client): Promise<void> {
    const { peer, count } = shown(words)
    if ((await log.size()) === null) return presenter.answer('there is no log: nothing has been kept')
    const texts = latest<LogEntry>(count)
    const { damage, unfinished } = await readLog(log.path, keys, entries => {
      for (const entry of entries) if (isText(entry, peer)) texts.add(entry)
    })
    const lines = texts.all().map(entry => logLine(entry, name))
    presenter.answer(lines.join('\n') || `the log has no texts${peer === null ? '' : ` of you and ${peer}`}`)
    // Our own run is not over yet.
    const cut = log.on ? unfinished - 1 : unfinished
    if (cut > 0) presenter.note(unfinishedRuns(cut))
    if (damage !== null) throw damage
  }

  async function erase({ presenter, interactive, confirm }: Client): Promise<void> {
    if (!interactive) throw new ChatError('usage', 'only a person at a terminal can confirm erasing the log')
    if (!(await confirm('Erase everything in the log? This cannot be undone.'))) {
      return presenter.note('nothing was erased')
    }
    await log.erase()
    presenter.note('the log is erased and off')
  }

  async function state(): Promise<string> {
    const size = await log.size()
    const kept = size === null ? 'nothing has been kept' : `${log.path} has ${size.toLocaleString('en')} bytes`
    return `the log is ${log.on ? 'on' : 'off'}; ${kept}`
  }

  const command: ChatCommand = {
    name: 'log',
    usage: '[on|off|show|erase]',
    group: 'trust',
    argument: 'nothing',
    help: 'keep an encrypted log, and show it',
    description:
      'Keeps your conversations on disk from now on, encrypted under your identity. The log is off until you turn it on. /log show shows the last texts, optionally those with one peer or a given number of them. /log erase removes everything. /log alone shows whether the log is on.',
    example: '/log show bob 20',
    async run(rest, client) {
      const [what, ...words] = rest.trim().toLowerCase().split(/\s+/)
      if (what !== 'show' && words.length > 0) throw misused(command)
      switch (what) {
        case '':
          return client.presenter.answer(await state())
        case 'on':
          await log.turnOn()
          return client.presenter.note(await state())
        case 'off':
          await log.turnOff()
          return client.presenter.note(await state())
        case 'show':
          return show(words, client)
        case 'erase':
          return erase(client)
        default:
          throw misused(command)
      }
    },
  }
  return command
}

/** Parses `[NAME] [N]`; a last word of digits is a number. @throws {ChatError} `usage`, `bad-name` */
function shown(words: readonly string[]): { peer: string | null; count: number } {
  const numbered = /^\d+$/.test(words.at(-1) ?? '')
  const [name, tooMuch] = numbered ? words.slice(0, -1) : words
  const count = numbered ? Number(words.at(-1)) : SHOWN
  if (tooMuch !== undefined || count < 1 || count > SHOWN_LIMIT) {
    throw misused({ name: 'log', usage: `show [NAME] [N], with N from 1 to ${SHOWN_LIMIT.toLocaleString('en')}` })
  }
  return { peer: name === undefined ? null : parseName(name), count }
}

function isText(entry: LogEntry, peer: string | null): boolean {
  return entry.event === 'message' && (peer === null || entry.peer === peer)
}

/** The last few of many items. */
export interface Latest<T> {
  add(item: T): void
  /** In the order of their arrival. */
  all(): readonly T[]
}

/** @param count how many to keep, at least 1 */
export function latest<T>(count: number): Latest<T> {
  let kept: T[] = []
  return {
    add(item) {
      kept.push(item)
      // Not one by one: removing the first item of an array moves all the others.
      if (kept.length >= 2 * count) kept = kept.slice(-count)
    },
    all: () => kept.slice(-count),
  }
}
