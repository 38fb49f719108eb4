import { choose, waitingFor } from './candidates.ts'
import type { ChatCommand } from './chat-command.ts'

const accept: ChatCommand = {
  name: 'accept',
  usage: '[NAME] [NUMBER]',
  group: 'talking',
  argument: 'name',
  help: 'take a call, or a file that is offered',
  description:
    'Takes a call, and sends what you type to the caller from now on; or takes a file, of which the offer shows the NUMBER. It says what it takes, and asks you first where more than one call or file fits, or where one came within the last second. In a pipe more than one is an error, and none is taken.',
  example: '/accept bob 2',
  async run(rest, context) {
    const verb = { infinitive: 'take', participle: 'taking', state: 'wait for an answer' }
    const chosen = await choose(waitingFor(context.engine), rest, accept, verb, context)
    if (chosen?.kind !== 'call') return chosen?.accept()
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
}

const decline: ChatCommand = {
  name: 'decline',
  usage: '[NAME] [NUMBER]',
  group: 'talking',
  argument: 'name',
  help: 'refuse a call, or a file that is offered',
  description:
    'Refuses a call or a file, and the other side hears so. Which one it is, and when it asks you, is as with /accept.',
  example: '/decline bob',
  async run(rest, context) {
    const verb = { infinitive: 'decline', participle: 'declining', state: 'wait for an answer' }
    await (await choose(waitingFor(context.engine), rest, decline, verb, context))?.decline()
  },
}

/** The commands that answer what others ask for. */
export const answerCommands: readonly ChatCommand[] = [accept, decline]
