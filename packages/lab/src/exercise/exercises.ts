import { typedCommand } from '@p2p-secure-chat/core/terminal/typed-command'
import { noSuch } from '@p2p-secure-chat/basic-p2p/commands/suggestions'
import type { Exercise } from './exercise.ts'
import { forgeRecord } from './tasks/forge-record.ts'
import { maliciousDirectory } from './tasks/malicious-directory.ts'
import { manInTheMiddle } from './tasks/man-in-the-middle.ts'
import { paddingOracleExercise } from './tasks/padding-oracle.ts'
import { recoverMessage } from './tasks/recover-message.ts'
import { replayedRecord } from './tasks/replayed-record.ts'
import { safetyNumberExercise } from './tasks/safety-number.ts'
import { stoppedAttack } from './tasks/stopped-attack.ts'
import { textbookSecret } from './tasks/textbook-secret.ts'
import { twoTimePad } from './tasks/two-time-pad.ts'

/** All exercises, in the order in which they are taught. */
export const EXERCISES: readonly Exercise[] = [
  recoverMessage,
  textbookSecret,
  safetyNumberExercise,
  maliciousDirectory,
  twoTimePad,
  forgeRecord,
  replayedRecord,
  paddingOracleExercise,
  stoppedAttack,
  manInTheMiddle,
]

/** @throws {ChatError} `usage`, with the name that was meant, most likely */
export function exerciseNamed(name: string): Exercise {
  const exercise = EXERCISES.find(known => known.name === name)
  if (exercise !== undefined) return exercise
  const names = EXERCISES.map(known => known.name)
  throw noSuch('exercise', name, names, `${typedCommand('chat-lab', 'exercise list')} shows all`)
}
