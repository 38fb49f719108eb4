import { stretched as stretchedByLoad } from '../../../stage/src/busy.ts'

/** How long a test waits for one thing on a quiet machine, in milliseconds: far longer than any of them takes. */
const QUIET = 60_000

/** The waits that fit into the time limit of one test or hook. */
const WAITS = 5

/**
 * A time in milliseconds on a quiet machine, and as much more on a busy one as it is slower. TEST_PATIENCE multiplies
 * it, for a machine that is slow by itself.
 */
export const stretched = (milliseconds: number): number =>
  stretchedByLoad(milliseconds * Number(process.env['TEST_PATIENCE'] ?? 1))

/**
 * How long a test waits for one thing, in milliseconds. This ends a hang and says what did not come; nothing that works
 * ever takes so long, however busy the machine is. All time limits of tests come from here.
 */
export const patience = (): number => stretched(QUIET)

/** The time limit of one test or hook, in milliseconds. Each wait in it has its own, which says more. */
export const testLimit = (): number => WAITS * patience()

/** For `expect.poll` and `vi.waitFor`. */
export const polling = (): { timeout: number; interval: number } => ({ timeout: patience(), interval: 20 })
