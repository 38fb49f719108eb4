import { quietPipe } from '@p2p-secure-chat/core/terminal/quiet-pipe'

/** After how many milliseconds a client that was told to end does so, whatever it still waits for. */
const SIGNAL_DEADLINE = 1_900

/** Calls `quit` when the process is to end: by a signal, or because nobody reads what it prints. */
export function onEndOfProcess(quit: () => void): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      setTimeout(() => process.exit(1), SIGNAL_DEADLINE).unref()
      quit()
    })
  }
  quietPipe(process.stdout, quit)
  // Whoever read our remarks may leave; the conversation goes on.
  quietPipe(process.stderr, () => undefined)
}
