import { ChatError } from '@p2p-secure-chat/core/errors'
import { checkFileName } from '@p2p-secure-chat/core/files/new-file'
import { openRecording, type Recording } from '@p2p-secure-chat/core/net/recording'
import { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import { leaveOnSignals } from '@p2p-secure-chat/core/terminal/leave'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { askChoice } from '@p2p-secure-chat/core/input/questions'
import { quietPipe } from '@p2p-secure-chat/core/terminal/quiet-pipe'
import { type ReportedEvent, type Reporter, reporter } from '@p2p-secure-chat/core/terminal/reporter'
import { reportError } from '@p2p-secure-chat/core/terminal/report-error'
import { typedCommand } from '@p2p-secure-chat/core/terminal/typed-command'
import { textWidth } from '@p2p-secure-chat/dissector/reader/text-layout'
import { type Attack, type Result, RESULTS, type ShownBytes } from '../attacks/attack.ts'
import { attackByName, ATTACKS, FAMILIES } from '../attacks/attacks.ts'
import { type Cell, cellEvent, isAsClaimed, isPlayable, playAlone } from '../attacks/cell.ts'
import type { Audience } from '../attacks/play-attack.ts'
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
    listAttacks(reporter({ json }))
    return 0
  }
  const attack = attackByName(name)
  const rungs = against === undefined ? RUNGS : [rungByName(against)]
  checkFileName('--record', record)
  const recording = record === undefined ? null : await startRecording(record, attack)
  leaveOnSignals(recording === null ? undefined : () => recording.close())
  try {
    return await narrate(attack, rungs, flags, recording)
  } finally {
    await recording?.close()
  }
}

async function narrate(
  attack: Attack,
  rungs: readonly RungName[],
  { explain = false, yes = false, json = false }: AttackFlags,
  recording: Recording | null,
): Promise<number> {
  const report = reporter({ json })
  const style = screenStyle()
  const asks = !json && !yes && process.stdin.isTTY && process.stdout.isTTY
  let failed = false
  recording?.onFailure(error => {
    failed = true
    reportError(error)
  })
  report.event(attackEvent(attack), ...trimmed(introduction(attack, rungs, style)))
  for (const rung of rungs) {
    const cell = { attack, rung }
    if (isPlayable(cell)) report.print(...trimmed(rungHeading(rung, style)))
    const predicted = asks && isPlayable(cell) ? await askForPrediction(attack) : null
    if (predicted !== null) report.print('')
    /** Reports each step of one play, from the first one. */
    const audience = (): Audience => {
      let steps = 0
      return {
        tell(words, ...shown) {
          steps += 1
          report.event(stepEvent(cell, steps, words, shown), ...trimmed(stepLines(steps, words, shown, style)))
        },
        tap: recording?.tap,
      }
    }
    const onMissed = () => report.note('the machine is busy: the play missed a cue; it is played again')
    const played = await playAlone(cell, audience, onMissed)
    if (!isAsClaimed(played)) failed = true
    report.event(cellEvent(played), ...(isPlayable(played) ? trimmed(outcomeLines(played, predicted, style)) : []))
  }
  report.print(...trimmed(explain ? lessonLines(attack, style) : ['', style.colours.dim('--explain says why.')]))
  return failed ? 1 : 0
}

/** Asks the person at the terminal what will happen. */
function askForPrediction({ question }: Attack): Promise<Result> {
  const answers = RESULTS.map(answer => ({ answer, meaning: MEANINGS[answer] }))
  return askChoice(printableLine(question), answers)
}

/** @throws {ChatError} `unwritable`, `disk-full` */
async function startRecording(path: string, { name }: Attack): Promise<Recording> {
  const recording = await openRecording(path, `chat-lab attack ${name}`)
  const twice = 'it shows what mallory forwards twice: as it reached her, and as she sent it'
  reporter().note(`${printableLine(recording.notice ?? '')}; ${twice}`)
  return recording
}

const trimmed = (lines: readonly string[]) => lines.map(line => line.trimEnd())

const screenStyle = () => ({ colours: colourFor(process.stdout), width: textWidth(process.stdout.columns) })

function listAttacks(report: Reporter): void {
  if (report.json) return ATTACKS.forEach(attack => report.event(attackEvent(attack)))
  const one = typedCommand('chat-lab', 'attack NAME')
  const hint = `${one} plays one of them step by step; ${typedCommand('chat-lab', 'matrix')} plays them all.`
  report.print(...trimmed(attackList(FAMILIES, screenStyle())), hint)
}

/** What an attack is, and the result we claim on each rung. */
function attackEvent(attack: Attack): ReportedEvent {
  const { name, title, position, goal, question, lesson, against } = attack
  const family = FAMILIES.find(({ attacks }) => attacks.includes(attack))?.title
  const claimed = Object.fromEntries(RUNGS.map(rung => [rung, against[rung].result]))
  return { event: 'attack', attack: name, family, title, position, goal, question, lesson, claimed }
}

/** One step of a play; bytes are in hex, and a mark goes from its first byte to before `to`. */
function stepEvent({ attack, rung }: Cell, step: number, words: string, shown: readonly ShownBytes[]): ReportedEvent {
  return {
    event: 'step',
    attack: attack.name,
    rung,
    step,
    words,
    shown: shown.map(({ label, bytes, marks = [] }) => ({ label, bytes: Buffer.from(bytes).toString('hex'), marks })),
  }
}
