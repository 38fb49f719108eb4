import { FIELDS } from '../dissect/field.ts'
import type { Spoken } from '../dissect/observation.ts'
import type { Lesson, LessonOfField, Situation } from './lesson.ts'
import { LESSONS } from './lessons.ts'

/** What is true of all that stands in the same situation. */
const PROTECTION: Readonly<Record<Exclude<Situation, 'plain'>, string>> = {
  handshake:
    'Both sides hash these bytes into their transcript, and every key, MAC and signature that follows depends on it. ' +
    'Change them for one side and nothing fits any more: handshake-failed, before a word was said.',
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
  changed: 'A body that is no JSON object of the right shape is refused (bad-message), and the connection ends.',
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
