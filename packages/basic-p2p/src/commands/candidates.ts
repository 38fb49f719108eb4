import { ChatError } from '@p2p-secure-chat/core/errors'
import { printableLine, printableName } from '@p2p-secure-chat/core/terminal/printable'
import type { ChatEngine } from '../chat/chat-engine.ts'
import { parseName } from '../directory/name.ts'
import type { OpenFile } from '../files/file-transfers.ts'
import { sizeInWords } from '../files/file-update.ts'
import { type ChatCommand, type CommandContext, misused } from './chat-command.ts'

/** What came or went so short a time ago, in milliseconds, a person may not have read of when they press Enter. */
const UNREAD = 1_000

/** Candidates that an error names; its line must stay readable. */
const LISTED = 8

const DIGITS = /^\d+$/

/** A call or a file that a command can be about: this one, whatever comes after it under the same name. */
export interface Candidate {
  readonly kind: 'call' | 'file'
  readonly peer: string
  /** The id of a file, as its offer shows it; null for a call. */
  readonly number: number | null
  /** Whether the peer calls or sends the file (`in`), or we do. */
  readonly direction: 'in' | 'out'
  /** When our user heard of it, on the clock of `performance`. */
  readonly since: number
  /** `holiday.jpg (1.2 MB) from mallory`, `the call of bob`, `the call to bob` */
  readonly words: string
}

/** What waits for our user's answer. */
interface Waiting extends Candidate {
  /** @throws {ChatError} `no-file`, `no-conversation` when it is over; why it could not be done */
  accept(): Promise<void>
  decline(): Promise<void>
}

interface FileCandidate extends Waiting, Pick<OpenFile, 'waiting'> {
  cancel(): Promise<void>
}

/** How a command speaks of what it does. */
interface Verb {
  /** `take` */
  readonly infinitive: string
  /** `taking` */
  readonly participle: string
  /** What is true of all that it can be about: `wait for an answer` */
  readonly state: string
}

/** Everything that waits for an answer; calls are last, for somebody waits there. */
export function waitingFor(engine: ChatEngine): Waiting[] {
  const calls = engine.ringing.map(
    (call): Waiting => ({
      kind: 'call',
      peer: call.peer,
      number: null,
      direction: 'in',
      since: call.since,
      words: `the call of ${printableLine(call.peer)}`,
      accept: () => call.accept(),
      decline: async () => call.decline(),
    }),
  )
  return [...filesOf(engine).filter(({ waiting }) => waiting), ...calls]
}

/** Our own calls that are under way, the latest last. Nobody has to read of what they did themselves. */
export function placedCalls({ calling }: Pick<ChatEngine, 'calling'>): Candidate[] {
  return calling.map(peer => ({
    kind: 'call',
    peer,
    number: null,
    direction: 'out',
    since: Number.NEGATIVE_INFINITY,
    words: `the call to ${printableLine(peer)}`,
  }))
}

/** Every file that is not over, the latest last. */
export function filesOf(engine: ChatEngine): FileCandidate[] {
  const files = engine.exchanging.flatMap(peer => {
    const transfers = engine.files(peer)
    if (transfers === null) return []
    return transfers.open.map(({ direction, id, name, size, since, waiting }) => ({
      kind: 'file' as const,
      peer,
      number: id,
      direction,
      since,
      waiting,
      words: `${printableName(name)} (${sizeInWords(size)}) ${direction === 'in' ? 'from' : 'to'} ${printableLine(peer)}`,
      accept: async () => transfers.accept(id),
      decline: async () => transfers.decline(id),
      cancel: async () => transfers.cancel(direction, id),
    }))
  })
  return files.toSorted((a, b) => a.since - b.since)
}

/**
 * Finds the one candidate that a command is about. At a terminal it is named, and a person is asked where more than one
 * fits what they entered, where it came only just now, or where another one that they may have meant went just now: the yes
 * is about the one in the question.
 *
 * @param rest `[NAME] [NUMBER] [in|out]`
 * @returns null where the person does not want it
 * @throws {ChatError} `ambiguous` where more than one fits and nobody can be asked; `no-file`, `no-conversation` where none
 * does; `bad-name`, `usage`
 */
export async function choose<C extends Candidate>(
  candidates: readonly C[],
  rest: string,
  command: ChatCommand,
  verb: Verb,
  { engine, interactive, confirm, presenter }: Pick<CommandContext, 'engine' | 'interactive' | 'confirm' | 'presenter'>,
): Promise<C | null> {
  const fitting = candidates.filter(selector(rest, command))
  const latest = fitting.at(-1)
  if (latest === undefined) throw nothingFits(rest, command, engine)
  if (fitting.length > 1 && !interactive) throw ambiguous(fitting, command, verb)
  if (!interactive) return latest
  if (fitting.length > 1) presenter.note(`${fitting.length} ${verb.state}: ${list(fitting)}`)
  const change = changeOf(latest, engine, rest)
  if (fitting.length > 1 || change !== '') {
    if (!(await confirm(`${verb.infinitive} ${numbered(latest)}${latest.words}${change}?`))) {
      const words = fitting.some(({ kind }) => kind === 'file') ? 'NAME NUMBER' : 'NAME'
      presenter.note(`nothing was done; /${command.name} ${words} says which one`)
      return null
    }
  }
  presenter.note(`${verb.participle} ${latest.words}`)
  return latest
}

/** What a person may not have seen, as the end of a question; '' for nothing. The number of an offer means no other one. */
function changeOf(candidate: Candidate, { goneAt }: Pick<ChatEngine, 'goneAt'>, rest: string): string {
  const now = performance.now()
  if (now - candidate.since < UNREAD) return ', which came just now'
  return now - goneAt < UNREAD && !isExact(candidate, rest) ? ', although another one has just gone' : ''
}

/** Whether the words name it by its number. Those of our own files come again with other people. */
function isExact({ peer, number, direction }: Candidate, rest: string): boolean {
  const [first = '', second = ''] = rest.trim().split(/\s+/)
  if (DIGITS.test(second)) return true
  return direction === 'in' && first !== peer && first === `${number}`
}

function saysNumber(rest: string): boolean {
  return rest.split(/\s+/).some(word => DIGITS.test(word))
}

/** Whether a candidate is one that those words can mean. A word of digits alone may be a name as well. */
function selector(rest: string, command: ChatCommand): (candidate: Candidate) => boolean {
  const [first, ...others] = rest.trim().split(/\s+/).filter(Boolean)
  if (first === undefined) return () => true
  const name = parseName(first)
  const alone = others.length === 0 && DIGITS.test(first) ? Number(first) : null
  const number = others.find(word => DIGITS.test(word))
  const direction = others.find(word => word === 'in' || word === 'out')
  const known = [number, direction].filter(word => word !== undefined)
  if (others.join(' ') !== known.join(' ') || (direction !== undefined && command.name !== 'cancel')) {
    throw misused(command)
  }
  return candidate =>
    (candidate.peer === name || (alone !== null && candidate.number === alone)) &&
    (number === undefined || candidate.number === Number(number)) &&
    (direction === undefined || candidate.direction === direction)
}

function nothingFits(rest: string, { name }: ChatCommand, { calling }: Pick<ChatEngine, 'calling'>): ChatError {
  const wanted = rest.trim().toLowerCase()
  if (name === 'cancel' && wanted === '') {
    return new ChatError(
      'no-file',
      'no file is on its way',
      calling.length > 0 ? { hint: '/leave hangs up a call' } : {},
    )
  }
  if (wanted === '') {
    return new ChatError('no-conversation', 'nobody is calling, and nobody offers a file', {
      hint: '/chat NAME calls somebody',
    })
  }
  if (name !== 'cancel' && !saysNumber(rest)) {
    return new ChatError('no-conversation', `${wanted} is not calling, and offers no file`)
  }
  return new ChatError('no-file', `no file fits ${wanted}; it may be over already`, {
    hint: calling.includes(wanted)
      ? `/leave ${wanted} hangs up the call`
      : 'use the NAME and NUMBER shown in the offer',
  })
}

function ambiguous(fitting: readonly Candidate[], { name }: ChatCommand, { state }: Verb): ChatError {
  const files = fitting.some(({ kind }) => kind === 'file')
  const calls = fitting.some(({ kind }) => kind === 'call')
  const hints = [
    ...(files ? [`/${name} NAME NUMBER says which file`] : []),
    ...(calls ? [files && name === 'accept' ? '/chat NAME takes a call' : `/${name} NAME says whose call`] : []),
  ]
  return new ChatError('ambiguous', `${fitting.length} ${state}: ${list(fitting)}`, { hint: hints.join(', ') })
}

function list(candidates: readonly Candidate[]): string {
  const named = candidates.slice(-LISTED).map(candidate => `${numbered(candidate)}${candidate.words}`)
  const more = candidates.length - named.length
  return named.join('; ') + (more > 0 ? `; and ${more} more` : '')
}

function numbered({ number }: Candidate): string {
  return number === null ? '' : `file ${number}, `
}
