import { contained } from '@p2p-secure-chat/core/contain'
import { quietPipe } from '@p2p-secure-chat/core/terminal/quiet-pipe'
import { otherClients } from '../screen/suspend-key.ts'

/** How long a process that is to end may take, in milliseconds, whatever it still waits for. */
const SIGNAL_DEADLINE = 1_900

/** The end of a client: whatever makes it leave aborts one signal. */
export class Leaving {
  readonly #controller = new AbortController()
  /** Aborts when it begins. */
  readonly signal: AbortSignal = this.#controller.signal
  /** Settles when it begins. */
  readonly begun = new Promise<void>(resolve => this.signal.addEventListener('abort', () => resolve()))

  /** It begins at the latest when the process is to end. Of several, only the last one made hears of that. */
  constructor() {
    onEndOfProcess(() => this.begin())
  }

  begin(): void {
    this.#controller.abort()
  }

  /**
   * Begins at the wish of the user, once a person whose leaving harms others has said that it is meant.
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

/** Null before there is a client. A process ends once, and may have had several that never started. */
let beginLast: (() => void) | null = null

/** Calls `begin` when the process is to end: by a signal, or because nobody reads what it prints. */
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
  // The reader of our remarks may leave; the conversation goes on.
  quietPipe(process.stderr, () => undefined)
}
