import { contained } from '@p2p-secure-chat/core/contain'
import { quietPipe } from '@p2p-secure-chat/core/terminal/quiet-pipe'
import { otherClients } from '../screen/suspend-key.ts'

/** How long the process may take to end after a signal, in milliseconds, whatever it still waits for. */
const SIGNAL_DEADLINE = 1_900

/** The end of a client: every reason to leave aborts one signal. */
export class Leaving {
  readonly #controller = new AbortController()
  /** Aborts when it begins. */
  readonly signal: AbortSignal = this.#controller.signal
  /** Settles when it begins. */
  readonly begun = new Promise<void>(resolve => this.signal.addEventListener('abort', () => resolve()))

  /** The end of the process begins it, too. Of several, only the one made last hears of that. */
  constructor() {
    onEndOfProcess(() => this.begin())
  }

  begin(): void {
    this.#controller.abort()
  }

  /**
   * Begins because the user wants to leave. If that harms others, the person has to confirm it.
   *
   * @param others how many use the directory inside this client
   * @param confirm asks the person
   */
  request(others: number, confirm: (question: string) => Promise<boolean>): void {
    if (others === 0) return this.begin()
    const question = `${otherClients(others)} the directory inside this client and will lose it when you leave. Leave?`
    contained(confirm(question).then(yes => void (yes && this.begin())))
  }
}

/** Null before there is a client. A process ends once, and may have had several clients that never started. */
let beginLast: (() => void) | null = null

/** Calls `begin` when the process has to end: because of a signal, or because nobody reads its output. */
function onEndOfProcess(begin: () => void): void {
  const isFirst = beginLast === null
  beginLast = begin
  if (!isFirst) return
  const end = () => beginLast?.()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      setTimeout(() => process.exit(1), SIGNAL_DEADLINE).unref()
      end()
    })
  }
  quietPipe(process.stdout, end)
  // The reader of stderr may leave; the conversation continues.
  quietPipe(process.stderr, () => undefined)
}
