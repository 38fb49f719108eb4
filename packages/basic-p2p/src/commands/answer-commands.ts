import type { ChatEngine } from '../chat/chat-engine.ts'
import { type Candidate, choose, filesOf, type Verb, waitingFor } from './candidates.ts'
import type { ChatCommand, CommandContext } from './chat-command.ts'

interface OneOfMany<C extends Candidate> extends Pick<ChatCommand, 'name' | 'help' | 'description' | 'example'> {
  readonly verb: Verb
  readonly candidates: (engine: ChatEngine) => readonly C[]
  /** Does it to the chosen one. @throws {ChatError} why it could not be done */
  readonly act: (chosen: C, context: CommandContext) => Promise<void>
}

/** A command about one call or file, which the user names or confirms: see choose(). */
function aboutOne<C extends Candidate>({ verb, candidates, act, ...texts }: OneOfMany<C>): ChatCommand {
  const command: ChatCommand = {
    ...texts,
    usage: '[NAME] [NUMBER]',
    group: 'talking',
    argument: 'name',
    async run(rest, context) {
      const chosen = await choose(candidates(context.engine), rest, command, verb, context)
      if (chosen !== null) await act(chosen, context)
    },
  }
  return command
}

export const accept = aboutOne({
  name: 'accept',
  help: 'accept a call, or a file that is offered',
  description:
    'Accepts a call, and sends what you type to the caller from now on; or accepts a file by the NUMBER in its offer. It says what it accepts. It asks you first if more than one call or file fits, or if one came within the last second. In a pipe, more than one is an error and nothing is accepted.',
  example: '/accept bob 2',
  verb: { infinitive: 'accept', participle: 'accepting', state: 'are waiting for an answer' },
  candidates: waitingFor,
  async act(chosen, context) {
    if (chosen.kind === 'file') return chosen.accept()
    const before = context.selected
    // At once: what is typed before the caller hears of it must not go to somebody else.
    context.selected = chosen.peer
    try {
      await chosen.accept()
    } catch (cause) {
      context.selected = before
      throw cause
    }
  },
})

export const decline = aboutOne({
  name: 'decline',
  help: 'decline a call, or a file that is offered',
  description:
    'Declines a call or a file, and tells the other side. It picks one, and asks you first, in the same way as /accept.',
  example: '/decline bob',
  verb: { infinitive: 'decline', participle: 'declining', state: 'are waiting for an answer' },
  candidates: waitingFor,
  act: chosen => chosen.decline(),
})

export const cancel = aboutOne({
  name: 'cancel',
  help: 'stop a file to or from somebody',
  description:
    'Stops a file to or from somebody, or one that is waiting for its turn. It says what it stops, and asks you first, in the same way as /accept. If a file of yours has the same number as one of theirs, add the word out or in.',
  example: '/cancel bob 2',
  verb: { infinitive: 'stop', participle: 'stopping', state: 'are under way' },
  candidates: filesOf,
  act: chosen => chosen.cancel(),
})
