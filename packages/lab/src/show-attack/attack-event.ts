import type { Attack, Family, ShownBytes } from '../attacks/attack.ts'
import type { Cell } from '../attacks/cell.ts'
import { RUNGS } from '../rungs.ts'

/** One object of `chat-lab attack --json`. */
type Event = Readonly<Record<string, unknown>>

/** What an attack is, and what we say comes of it on each rung. */
export function attackEvent(attack: Attack, family: Family): Event {
  const { name, title, position, goal, question, lesson, against } = attack
  const claimed = Object.fromEntries(RUNGS.map(rung => [rung, against[rung].result]))
  return { event: 'attack', attack: name, family: family.title, title, position, goal, question, lesson, claimed }
}

/** One step of a play; bytes are in hex, and a mark goes from its first byte to before `to`. */
export function stepEvent({ attack, rung }: Cell, step: number, words: string, shown: readonly ShownBytes[]): Event {
  return {
    event: 'step',
    attack: attack.name,
    rung,
    step,
    words,
    shown: shown.map(({ label, bytes, marks = [] }) => ({ label, bytes: Buffer.from(bytes).toString('hex'), marks })),
  }
}
