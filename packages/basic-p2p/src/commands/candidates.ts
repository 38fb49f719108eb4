import { ChatError } from '@p2p-secure-chat/core/errors'
import { printableLine, printableName } from '@p2p-secure-chat/core/terminal/printable'
import type { ChatEngine } from '../chat/chat-engine.ts'
import { parseName } from '../directory/name.ts'
import type { OpenFile } from '../files/file-transfers.ts'
import { sizeInWords } from '../files/file-update.ts'
import { type ChatCommand, type CommandContext, misused } from './chat-command.ts'

/** A person who presses Enter may not have read yet about what came or went that recently, in milliseconds. */
const UNREAD = 1_000

/** Candidates that an error lists, to stay readable. */
const LISTED = 8

const DIGITS = /^\d+$/

/** A call or a file that a command can be about: this very one, whatever follows it under the same name. */
export interface Candidate {
  readonly kind: 'call' | 'file'
  readonly peer: string
  /** The id of a file, as in its offer; null for a call. */
  readonly number: number | null
  /** `in` if the peer calls or sends, `out` if we do. */
  readonly direction: 'in' | 'out'
  /** When our user was notified, in milliseconds of `performance.now()`. */
  readonly since: number
  /** `holiday.jpg (1.2 MB) from mallory`, `the call from bob`, `the call to bob` */
  readonly words: string
}

/** A call or file that waits for our user's answer. */
interface Waiting extends Candidate {
  /** @throws {ChatError} `no-file`, `no-conversation` if it is over; or why it failed */
  accept(): Promise<void>
  decline(): Promise<void>
}

interface FileCandidate extends Waiting, Pick<OpenFile, 'waiting'> {
  cancel(): Promise<void>
}

/** The words of a command. */
export interface Verb {
  /** `accept` */
  readonly infinitive: string
  /** `accepting` */
  readonly participle: string
  /** What all its candidates do: `are waiting for an answer` */
  readonly state: string
}

/** Everything that waits for an answer; calls come last, since a person is waiting there. */
export function waitingFor(engine: ChatEngine): Waiting[] {
  const calls = engine.ringing.map(
    (call): Waiting => ({
      kind: 'call',
      peer: call.peer,
      number: null,
      direction: 'in',
      since: call.since,
      words: `the call from ${printableLine(call.peer)}`,
      accept: () => call.accept(),
      decline: async () => call.decline(),
    }),
  )
  return [...filesOf(engine).filter(({ waiting }) => waiting), ...calls]
}

/** Our own calls that are under way, the latest last. Their `since` is long ago: users know what they did themselves. */
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

/** Every file that is queued or under way, the latest last. */
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
 * Finds the one candidate that a command is about. At a terminal it says which one it is. It asks first if more than one
 * fits the words, if that one came only just now, or if another one that may have been meant went just now. A yes is about
 * the one in the question.
 *
 * @param rest `[NAME] [NUMBER] [in|out]`
 * @returns null if the user says no
 * @throws {ChatError} `ambiguous` if more than one fits and there is nobody to ask; `no-file`, `no-conversation` if none
 * fits; `bad-name`, `usage`
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
      presenter.note(`nothing was done; /${command.name} ${words} picks one`)
      return null
    }
  }
  presenter.note(`${verb.participle} ${latest.words}`)
  return latest
}

/** The end of a question: what the user may not have seen; '' for nothing. A number always means that very file. */
function changeOf(candidate: Candidate, { goneAt }: Pick<ChatEngine, 'goneAt'>, rest: string): string {
  const now = performance.now()
  if (now - candidate.since < UNREAD) return ', which came just now'
  return now - goneAt < UNREAD && !isExact(candidate, rest) ? ', although another one has just ended' : ''
}

/** Whether the words name it by its number. Our own files have the same numbers with every peer. */
function isExact({ peer, number, direction }: Candidate, rest: string): boolean {
  const [first = '', second = ''] = rest.trim().split(/\s+/)
  if (DIGITS.test(second)) return true
  return direction === 'in' && first !== peer && first === `${number}`
}

function saysNumber(rest: string): boolean {
  return rest.split(/\s+/).some(word => DIGITS.test(word))
}

/** Tests whether words can mean a candidate. A single word of digits may be a name, too. */
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
      'no file is under way',
      calling.length > 0 ? { hint: '/leave hangs up a call' } : {},
    )
  }
  if (wanted === '') {
    return new ChatError('no-conversation', 'nobody is calling or offering a file', {
      hint: '/chat NAME calls somebody',
    })
  }
  if (name !== 'cancel' && !saysNumber(rest)) {
    return new ChatError('no-conversation', `${wanted} is not calling or offering a file`)
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
    ...(files ? [`/${name} NAME NUMBER picks a file`] : []),
    ...(calls ? [files && name === 'accept' ? '/chat NAME accepts a call' : `/${name} NAME picks a call`] : []),
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
