/**
 * Lets the program go on when something fails for which nobody waits: in the handler of a socket, or in a promise that a
 * play gave up. The play misses its cue then, and so fails alone, while others are played.
 *
 * @param tell is told what failed
 */
export function surviveStrayFailures(tell: (error: unknown) => void): void {
  for (const event of ['unhandledRejection', 'uncaughtException'] as const) {
    // In the place of those who would end the program.
    process.removeAllListeners(event).on(event, tell)
  }
}
