import type { Spoken } from '../dissect/observation.ts'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { readDataFile } from '@p2p-secure-chat/core/installation'
import { FIELDS } from '../message/field.ts'

/** What protects a field where it stands: nothing, the transcript of the handshake, a key stream, or a sealed record. */
export type Situation = 'plain' | 'handshake' | 'keystream' | 'sealed'

/** What a field teaches. */
interface Lesson {
  readonly what: string
  readonly why: string
  /** What follows if somebody on the path changes it and nothing notices; for a computed field, what follows from it. */
  readonly changed: string
  /** Never on the wire: `changed` holds in every situation. */
  readonly computed?: true
  /** Where the general words about the handshake, the key stream or the tag are not the truth about this field. */
  readonly handshake?: string
  readonly keystream?: string
  readonly sealed?: string
}

/** A lesson, and another one for messages in which the same name means something else. */
type LessonOfField = Lesson & { readonly in?: Readonly<Record<string, Lesson>> }

/** What is true of all that stands in the same situation. */
const PROTECTION: Readonly<Record<Exclude<Situation, 'plain'>, string>> = {
  handshake:
    'Both sides hash these bytes into their transcript, and every key, MAC and signature that follows depends on it. ' +
    'Change them for one side and nothing fits any more: handshake-failed, before anyone could send a word.',
  keystream:
    'The key stream hides it, and nothing authenticates it. Flip a bit of the ciphertext at this place, and the same ' +
    'bit flips here; the record shows nothing of it.',
  sealed:
    'The tag covers every bit of the record and is checked before anything is decrypted. A change is bad-record: the ' +
    'session is over, and nothing of the record was believed.',
}

/** The bytes of a body that belong to no field. */
export const SYNTAX: Lesson = {
  what: 'The braces, quotes and names of a JSON object, or bytes between two fields.',
  why: 'Control messages are JSON, so that people can read them in a capture. Fields that the protocol does not name are ignored.',
  changed:
    'The receiver refuses a body that is not a JSON object of the right shape (bad-message), and the connection ends.',
}

/** @param inside whether it stands in the plaintext of a message, and not in its bytes on the wire */
export function situationOf(spoken: Spoken | null, message: string, inside: boolean): Situation {
  if (spoken !== 'peer-dh/1' && spoken !== 'peer-aes/1') return 'plain'
  if (message !== 'RECORD' && (!inside || message === 'IDENTITY')) return 'handshake'
  return spoken === 'peer-dh/1' ? 'keystream' : 'sealed'
}

/** What to say about a field where it stands. */
export interface Explanation {
  readonly what: string
  readonly why: string
  readonly ifChanged: string
}

/** @param message the frame that the field belongs to, such as `TEXT`; null for the plaintext of a record itself */
export function explain(name: string, message: string | null, situation: Situation): Explanation {
  const field = LESSONS[name] ?? untaught(name)
  return explanation((message === null ? undefined : field.in?.[message]) ?? field, situation)
}

/** A field for which nobody has written a lesson yet. */
function untaught(name: string): LessonOfField {
  return {
    what: `${FIELDS[name]?.title ?? name}: a field of this message.`,
    why: 'The protocol describes it in docs/protocol.md.',
    changed: 'The receiver takes the changed value for the true one, if it is within its bounds.',
  }
}

export function explanation(lesson: Lesson, situation: Situation): Explanation {
  const { what, why, changed } = lesson
  if (lesson.computed || situation === 'plain') return { what, why, ifChanged: changed }
  const own = lesson[situation]
  if (own !== undefined) return { what, why, ifChanged: own }
  return { what, why, ifChanged: PROTECTION[situation] + (situation === 'keystream' ? ` ${changed}` : '') }
}

const TEXTS = ['what', 'why', 'changed', 'handshake', 'keystream', 'sealed'] as const

/** A lesson that is being read. */
type Draft = { -readonly [key in keyof Lesson]: Lesson[key] }

const draft = (): Draft => ({ what: '', why: '', changed: '' })

/** `## name`, `### in MESSAGE, MESSAGE`, `- computed` and `- what: words`. */
const HEADING = /^## (\S+)$/
const PART = /^### in (\w+(?:, \w+)*)$/
const ENTRY = /^- (?:(computed)|(\w+): (\S.*))$/

/**
 * Reads lessons in the form of page/lessons.md.
 *
 * @throws {ChatError} `unreadable`, with the number of the line at fault
 */
export function lessonsIn(text: string): Readonly<Record<string, LessonOfField>> {
  const lessons = new Map<string, Draft & { in?: Record<string, Draft> }>()
  const begun: { readonly line: number; readonly lesson: Draft }[] = []
  let field = ''

  // What a comment holds goes, and its line ends stay: lines keep their numbers.
  const lines = text.replace(/<!--[^]*?-->/g, comment => comment.replace(/[^\n]/g, '')).split(/\r?\n/)
  for (const [i, line] of lines.entries()) {
    const [, name] = HEADING.exec(line) ?? []
    const [, messages] = PART.exec(line) ?? []
    const [, computed, key = '', words] = ENTRY.exec(line) ?? []
    const lesson = begun.at(-1)?.lesson
    const whole = lessons.get(field)
    if (name !== undefined) {
      if (!Object.hasOwn(FIELDS, name)) throw fault(i + 1, `no field is named ${name}`)
      if (lessons.has(name)) throw fault(i + 1, `${name} has a lesson already`)
      field = name
      const lesson = draft()
      lessons.set(name, lesson)
      begun.push({ line: i + 1, lesson })
    } else if (messages !== undefined && whole !== undefined) {
      const own = draft()
      for (const message of messages.split(', ')) (whole.in ??= {})[message] = own
      begun.push({ line: i + 1, lesson: own })
    } else if (computed !== undefined && lesson !== undefined) lesson.computed = true
    else if (words !== undefined && lesson !== undefined) {
      const text = TEXTS.find(known => known === key)
      if (text === undefined) throw fault(i + 1, `${key} is not one of ${TEXTS.join(', ')}`)
      if (lesson[text]) throw fault(i + 1, `this lesson has its ${key} already`)
      lesson[text] = words.trim()
    } else if (line.trim() !== '' && !line.startsWith('# ')) {
      throw fault(i + 1, 'neither a heading nor a line such as "- why: words"')
    }
  }
  for (const { line, lesson } of begun) {
    const missing = TEXTS.slice(0, 3).find(key => lesson[key] === '')
    if (missing !== undefined) throw fault(line, `the lesson that begins here has no line "- ${missing}: words"`)
  }
  return Object.fromEntries(lessons)
}

function fault(line: number, what: string): ChatError {
  return new ChatError('unreadable', `page/lessons.md, line ${line}: ${what}`, {
    hint: 'the comment at the head of that file describes its form',
  })
}

/** What each field teaches. */
export const LESSONS = lessonsIn(readDataFile('page', 'lessons.md'))
