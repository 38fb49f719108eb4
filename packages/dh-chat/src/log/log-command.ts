import { parseName } from '@p2p-secure-chat/basic-p2p/directory/name'
import { type ChatCommand, type CommandContext, misused } from '@p2p-secure-chat/basic-p2p/commands/chat-command'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { ChatLog } from './chat-log.ts'
import type { LogEntry } from './log-entry.ts'
import { logLine, unfinishedRuns } from './log-lines.ts'
import { type KeySource, readLog } from './read-log.ts'

/** Texts that are shown unless a number is given, and at most: what a screen and its memory can hold. */
const SHOWN = 20
const SHOWN_LIMIT = 1_000

type Client = Pick<CommandContext, 'presenter' | 'interactive' | 'confirm'>

/** The command about the log of this user. @param name their own */
export function logCommand(log: ChatLog, keys: KeySource, name: string): ChatCommand {
  async function show(words: readonly string[], { presenter }: Client): Promise<void> {
    const { peer, count } = shown(words)
    if ((await log.size()) === null) return presenter.note('the log is not there: nothing is kept')
    const texts = latest<LogEntry>(count)
    const { damage, unfinished } = await readLog(log.path, keys, entries => {
      for (const entry of entries) if (isText(entry, peer)) texts.add(entry)
    })
    const lines = texts.all().map(entry => logLine(entry, name))
    presenter.note(lines.join('\n') || `the log has no texts${peer === null ? '' : ` of you and ${peer}`}`)
    const cut = log.on ? unfinished - 1 : unfinished
    if (cut > 0) presenter.note(unfinishedRuns(cut))
    if (damage !== null) throw damage
  }

  async function erase({ presenter, interactive, confirm }: Client): Promise<void> {
    if (!interactive) throw new ChatError('usage', 'only a person at a terminal can say yes to erasing the log')
    if (!(await confirm('Erase all that the log has kept? Nothing brings it back.'))) {
      return presenter.note('nothing is erased')
    }
    await log.erase()
    presenter.note('the log is erased, and off')
  }

  async function tell({ presenter }: Client): Promise<void> {
    const size = await log.size()
    const kept = size === null ? 'nothing is kept' : `${log.path} has ${size.toLocaleString('en')} bytes`
    presenter.note(`the log is ${log.on ? 'on' : 'off'}; ${kept}`)
  }

  const command: ChatCommand = {
    name: 'log',
    usage: '[on|off|show|erase]',
    group: 'trust',
    argument: 'nothing',
    help: 'keep what is said, encrypted; show it',
    description:
      'Keeps what is said on disk from now on, encrypted with the key of your identity; it is off until you say on. The word show, with a name and a number or without, shows the last texts, and erase takes all of it away. Without a word it says whether the log is on.',
    example: '/log show bob 20',
    async run(rest, client) {
      const [what, ...words] = rest.trim().toLowerCase().split(/\s+/)
      if (what !== 'show' && words.length > 0) throw misused(command)
      switch (what) {
        case '':
          return tell(client)
        case 'on':
          await log.turnOn()
          return tell(client)
        case 'off':
          await log.turnOff()
          return tell(client)
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

/** `[NAME] [N]`; one word of digits alone is a number. @throws {ChatError} `usage`, `bad-name` */
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

/** The last few of many things. */
export interface Latest<T> {
  add(thing: T): void
  /** In the order in which they came. */
  all(): readonly T[]
}

/** @param count how many to keep, at least 1 */
export function latest<T>(count: number): Latest<T> {
  let kept: T[] = []
  return {
    add(thing) {
      kept.push(thing)
      // Not one by one: taking away the first of an array moves all others.
      if (kept.length >= 2 * count) kept = kept.slice(-count)
    },
    all: () => kept.slice(-count),
  }
}
