import { ChatError } from '@p2p-secure-chat/core/errors'

/** What a test can hold up, and let fail. */
export const GATES = ['remember', 'opened', 'blocks', 'locate', 'upgrade', 'output'] as const

export type Gate = (typeof GATES)[number]

/** Work of a program that a test holds up for a while. */
export class Gates {
  readonly #closed = new Set<Gate>()
  readonly #failing = new Set<Gate>()
  #waiting: { readonly gate: Gate; readonly go: () => void }[] = []

  close(gate: Gate): void {
    this.#closed.add(gate)
  }

  open(gate: Gate): void {
    this.#closed.delete(gate)
    for (const waiting of this.#waiting) if (waiting.gate === gate) waiting.go()
    this.#waiting = this.#waiting.filter(waiting => waiting.gate !== gate)
  }

  /** The next one at that gate does not get through. */
  failOnce(gate: Gate): void {
    this.#failing.add(gate)
  }

  openAll(): void {
    this.#failing.clear()
    for (const gate of GATES) this.open(gate)
  }

  /** @throws {ChatError} `unwritable` where it is to fail */
  async pass(gate: Gate): Promise<void> {
    if (this.#closed.has(gate)) await new Promise<void>(go => this.#waiting.push({ gate, go }))
    if (this.#failing.delete(gate)) throw new ChatError('unwritable', `${gate} fails`)
  }
}
