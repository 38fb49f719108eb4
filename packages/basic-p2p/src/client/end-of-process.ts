import { quietPipe } from '@p2p-secure-chat/core/terminal/quiet-pipe'

/** After how many milliseconds a client that was told to end does so, whatever it still waits for. */
const SIGNAL_DEADLINE = 1_900

/** Who is told. A process ends once, whatever happened in it before. */
let quit: (() => void) | null = null

/**
 * Calls `quit` when the process is to end: by a signal, or because nobody reads what it prints. A client that takes the
 * place of another one that never started is the one to be told from then on.
 */
export function onEndOfProcess(present: () => void): void {
  const first = quit === null
  quit = present
  if (!first) return
  const end = () => quit?.()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      setTimeout(() => process.exit(1), SIGNAL_DEADLINE).unref()
      end()
    })
  }
  quietPipe(process.stdout, end)
  // Whoever read our remarks may leave; the conversation goes on.
  quietPipe(process.stderr, () => undefined)
}
