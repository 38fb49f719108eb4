import { asChatError, type ChatError } from '@p2p-secure-chat/core/errors'
import type { CommandContext } from '../commands/chat-command.ts'
import { interpretLine } from '../commands/interpret-line.ts'
import { carriesText, lineKind, type Manner } from '../commands/parse-line.ts'
import type { Course } from './course.ts'
import type { EventDispatcher } from './event-dispatcher.ts'
import type { Leaving } from './leaving.ts'
import { readPipe } from './read-pipe.ts'

/** What the lines of a client act on. */
export interface LineUse {
  readonly manner: Manner
  readonly context: CommandContext
  readonly course: Course
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
    const { manner, context, course, dispatcher, leaving } = this.#use
    if (leaving.signal.aborted) {
      if (carriesText(line, manner)) this.#unsaid += 1
      return
    }
    try {
      await (turn === undefined ? interpretLine(line, context, manner) : this.#interpretEarly(line, turn))
    } catch (thrown) {
      const error = asChatError(thrown)
      dispatcher.reportDefect(error)
      const mistyped = error.code === 'unknown-command' && manner !== 'terminal'
      if (carriesText(line, manner) || mistyped) course.fail('undelivered')
    }
    course.catchUp()
    dispatcher.terminal?.showPrompt()
  }

  /**
   * Enters the lines of a pipe, to its end.
   *
   * @param after what the lines wait for; it says whether they are still wanted
   */
  readPipe(input: AsyncIterable<Uint8Array>, after: Promise<boolean>): Promise<void> {
    const { manner, context, course, dispatcher } = this.#use
    return readPipe(input, {
      after,
      kindOf: (line, behindTexts) =>
        lineKind(line, manner, () => ({ calling: context.engine.calling, selected: context.selected, behindTexts })),
      enter: (line, turn) => this.enter(line, turn),
      onBadLine(error: ChatError) {
        dispatcher.report(error)
        course.fail(error.code)
      },
    })
  }

  /** A peer that the line selects is selected only in its turn, unless that conversation is over by then. */
  async #interpretEarly(line: string, turn: Promise<unknown>): Promise<void> {
    const { manner, context } = this.#use
    const before = context.selected
    const early = { ...context }
    await interpretLine(line, early, manner)
    const { selected } = early
    await turn
    const isOpen = selected !== null && context.engine.open.includes(selected)
    if (selected !== before && isOpen) context.selected = selected
  }
}
