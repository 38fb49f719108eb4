import { forgeRecord } from './forge-record.ts'
import { maliciousDirectory } from './malicious-directory.ts'
import { manInTheMiddle } from './man-in-the-middle.ts'
import { paddingOracle } from './padding-oracle.ts'
import { recoverMessage } from './recover-message.ts'
import { replayedRecord } from './replayed-record.ts'
import { safetyNumber } from './safety-number.ts'
import type { Solve } from './solve.ts'
import { stoppedAttack } from './stopped-attack.ts'
import { textbookSecret } from './textbook-secret.ts'
import { twoTimePad } from './two-time-pad.ts'

/** A reference solution of each exercise, by its name. */
export const SOLUTIONS: Readonly<Record<string, Solve>> = {
  'recover-message': recoverMessage,
  'textbook-secret': textbookSecret,
  'safety-number': safetyNumber,
  'malicious-directory': maliciousDirectory,
  'two-time-pad': twoTimePad,
  'forge-record': forgeRecord,
  'replayed-record': replayedRecord,
  'padding-oracle': paddingOracle,
  'man-in-the-middle': manInTheMiddle,
  'stopped-attack': stoppedAttack,
}
