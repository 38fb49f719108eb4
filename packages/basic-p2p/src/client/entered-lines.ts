import { asChatError, type ChatError } from '@p2p-secure-chat/core/errors'
import type { CommandContext } from '../commands/chat-command.ts'
import { interpretLine } from '../commands/interpret-line.ts'
import { carriesText, lineKind, type InputMode } from '../commands/parse-line.ts'
import type { ExitPolicy } from './exit-policy.ts'
import type { EventDispatcher } from './event-dispatcher.ts'
import type { Leaving } from './leaving.ts'
import { readPipe } from './read-pipe.ts'

/** What the lines of a client act on. */
export interface LineUse {
  readonly inputMode: InputMode
  readonly context: CommandContext
  readonly exitPolicy: ExitPolicy
  readonly dispatcher: EventDispatcher
  readonly leaving: Leaving
}

/** The lines that a person or a script enters. */
export class EnteredLines {
  readonly #use: LineUse
  /** Texts that came when the client was ending already. */
  #unsaid = 0

  constructor(use: LineUse) {
    this.#use = use
  }

  get unsaid(): number {
    return this.#unsaid
  }

  /**
   * Does what a line says. An error is reported, and goes into the exit code if something is lost.
   *
   * @param turn settles when the lines before are done, for a line that does not wait for them. Their texts still go to the
   *   peer they were meant for
   */
  async enter(line: string, turn?: Promise<unknown>): Promise<void> {
    const { inputMode, context, exitPolicy, dispatcher, leaving } = this.#use
    if (leaving.signal.aborted) {
      if (carriesText(line, inputMode)) this.#unsaid += 1
      return
    }
    try {
      await (turn === undefined ? interpretLine(line, context, inputMode) : this.#interpretEarly(line, turn))
    } catch (thrown) {
      const error = asChatError(thrown)
      dispatcher.reportDefect(error)
      const mistyped = error.code === 'unknown-command' && inputMode !== 'terminal'
      if (carriesText(line, inputMode) || mistyped) exitPolicy.fail('undelivered')
    }
    exitPolicy.catchUp()
    dispatcher.terminal?.showPrompt()
  }

  /**
   * Enters the lines of a pipe, to its end.
   *
   * @param after what the lines wait for; it says whether they are still wanted
   */
  readPipe(input: AsyncIterable<Uint8Array>, after: Promise<boolean>): Promise<void> {
    const { inputMode, context, exitPolicy, dispatcher } = this.#use
    return readPipe(input, {
      after,
      kindOf: (line, behindTexts) =>
        lineKind(line, inputMode, () => ({ calling: context.engine.calling, selected: context.selected, behindTexts })),
      enter: (line, turn) => this.enter(line, turn),
      onBadLine(error: ChatError) {
        dispatcher.report(error)
        exitPolicy.fail(error.code)
      },
    })
  }

  /** A peer that the line selects is selected only in its turn, unless that conversation is over by then. */
  async #interpretEarly(line: string, turn: Promise<unknown>): Promise<void> {
    const { inputMode, context } = this.#use
    const before = context.selected
    const early = { ...context }
    await interpretLine(line, early, inputMode)
    const { selected } = early
    await turn
    const isOpen = selected !== null && context.engine.open.includes(selected)
    if (selected !== before && isOpen) context.selected = selected
  }
}
