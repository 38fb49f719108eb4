import { ChatError } from '@p2p-secure-chat/core/errors'
import { checkFileName } from '@p2p-secure-chat/core/files/new-file'
import { openRecording, type Recording } from '@p2p-secure-chat/core/net/recording'
import { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import { eventLine } from '@p2p-secure-chat/core/terminal/json-line'
import { leaveOnSignals } from '@p2p-secure-chat/core/terminal/leave'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { askChoice } from '@p2p-secure-chat/core/input/questions'
import { quietPipe } from '@p2p-secure-chat/core/terminal/quiet-pipe'
import { reportError } from '@p2p-secure-chat/core/terminal/report-error'
import { textWidth } from '@p2p-secure-chat/dissector/reader/text-layout'
import type { Attack, Family, Result, ShownBytes } from '../attacks/attack.ts'
import { attackByName, FAMILIES } from '../attacks/attacks.ts'
import { type Cell, cellEvent, isOtherThanClaimed, isPlayable, playCell, type PlayedCell } from '../attacks/cell.ts'
import { rungByName, type RungName, RUNGS } from '../rungs.ts'
import {
  attackList,
  introduction,
  lessonLines,
  MEANINGS,
  outcomeLines,
  rungHeading,
  stepLines,
} from './attack-lines.ts'

/** What the command line says, unchecked. */
export interface AttackFlags {
  readonly against?: string
  readonly explain?: boolean
  readonly record?: string
  readonly yes?: boolean
  readonly json?: boolean
}

/** Tells of one attack, in this order. */
interface Narrator {
  begin(attack: Attack, rungs: readonly RungName[]): void
  /** Before a play. */
  announce(cell: Cell): Promise<void> | void
  step(cell: Cell, number: number, words: string, shown: readonly ShownBytes[]): void
  conclude(played: PlayedCell): void
  end(attack: Attack): void
}

/**
 * Plays one attack step by step, against one rung or up the ladder. Without a name it lists all attacks.
 *
 * @returns the exit code: 0 if all came out as we say, which is also so where there is nothing to attack
 * @throws {ChatError} `usage` for an unknown name; `unwritable`, `disk-full` for the recording
 */
export async function runAttack(name: string | undefined, flags: AttackFlags): Promise<number> {
  const { against, record, json = false } = flags
  quietPipe()
  if (name === undefined) {
    const [alone] = Object.keys(flags).filter(flag => ['against', 'explain', 'record', 'yes'].includes(flag))
    if (alone !== undefined) throw new ChatError('usage', `--${alone} goes with the name of an attack`)
    listAttacks(json)
    return 0
  }
  const attack = attackByName(name)
  const rungs = against === undefined ? RUNGS : [rungByName(against)]
  checkFileName('--record', record)
  const recording = record === undefined ? null : await startRecording(record, attack)
  leaveOnSignals(recording === null ? undefined : () => recording.close())
  const narrator = json ? jsonNarrator() : spokenNarrator(flags)
  try {
    return await narrate(attack, rungs, narrator, recording)
  } finally {
    await recording?.close()
  }
}

async function narrate(
  attack: Attack,
  rungs: readonly RungName[],
  narrator: Narrator,
  recording: Recording | null,
): Promise<number> {
  let failed = false
  recording?.onFailure(error => {
    failed = true
    reportError(error)
  })
  narrator.begin(attack, rungs)
  for (const rung of rungs) {
    const cell = { attack, rung }
    if (isPlayable(cell)) await narrator.announce(cell)
    let steps = 0
    const tell = (words: string, ...shown: readonly ShownBytes[]) => {
      steps += 1
      narrator.step(cell, steps, words, shown)
    }
    const played = await playCell(cell, { tell, tap: recording?.tap })
    if (isOtherThanClaimed(played)) failed = true
    narrator.conclude(played)
  }
  narrator.end(attack)
  return failed ? 1 : 0
}

/** @throws {ChatError} `unwritable`, `disk-full` */
async function startRecording(path: string, { name }: Attack): Promise<Recording> {
  const recording = await openRecording(path, `chat-lab attack ${name}`)
  const twice = 'it shows what mallory forwards twice: as it reached her, and as she sent it'
  process.stderr.write(`note: ${printableLine(recording.notice ?? '')}; ${twice}\n`)
  return recording
}

function tellJson(event: Readonly<Record<string, unknown>>): void {
  process.stdout.write(eventLine(event))
}

function print(text: readonly string[]): void {
  process.stdout.write(text.map(line => `${line.trimEnd()}\n`).join(''))
}

const screenStyle = () => ({ colours: colourFor(process.stdout), width: textWidth(process.stdout.columns) })

function listAttacks(json: boolean): void {
  if (json) {
    for (const family of FAMILIES) for (const attack of family.attacks) tellJson(attackEvent(attack, family))
    return
  }
  print([
    ...attackList(FAMILIES, screenStyle()),
    'chat-lab attack NAME plays one of them step by step; chat-lab matrix plays them all.',
  ])
}

function jsonNarrator(): Narrator {
  return {
    begin(attack) {
      const family = FAMILIES.find(({ attacks }) => attacks.includes(attack))
      if (family !== undefined) tellJson(attackEvent(attack, family))
    },
    announce: () => undefined,
    step: (cell, number, words, shown) => tellJson(stepEvent(cell, number, words, shown)),
    conclude: played => tellJson(cellEvent(played)),
    end: () => undefined,
  }
}

/** For a person. On a terminal it asks them for a prediction first. */
function spokenNarrator({ explain = false, yes = false }: AttackFlags): Narrator {
  const style = screenStyle()
  const asks = !yes && process.stdin.isTTY && process.stdout.isTTY
  let predicted: Result | null = null
  return {
    begin: (attack, rungs) => print(introduction(attack, rungs, style)),
    async announce({ attack, rung }) {
      print(rungHeading(rung, style))
      if (!asks) return
      predicted = await askChoice(
        printableLine(attack.question),
        (['broken', 'resisted', 'leaks'] as const).map(answer => ({ answer, meaning: MEANINGS[answer] })),
      )
      print([''])
    },
    step: (_, number, words, shown) => print(stepLines(number, words, shown, style)),
    conclude(played) {
      if (isPlayable(played)) print(outcomeLines(played, predicted, style))
      predicted = null
    },
    end: attack => print(explain ? lessonLines(attack, style) : ['', style.colours.dim('--explain says why.')]),
  }
}

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
