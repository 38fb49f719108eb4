import { ChatError } from '@p2p-secure-chat/core/errors'
import * as v from 'valibot'
import { parseName } from '../directory/name.ts'
import { type Argument, type ChatCommand, type CommandContext, misused, sayTo } from './chat-command.ts'
import { type InputMode, parseLine, withoutInvisible } from './parse-line.ts'
import { noSuchCommand } from './suggestions.ts'
import { noneSelected } from '../chat/no-conversation.ts'

const jsonSchema = v.object({ to: v.optional(v.string()), text: v.string() })

/** Arguments in which every character counts. */
const VERBATIM: ReadonlySet<Argument> = new Set(['message', 'path'])

/**
 * Runs one entered line: a command, or a text to the selected peer. A blank line is a text too, except at a terminal, where
 * it is ignored as a slip.
 *
 * @throws {ChatError} `unknown-command`, `no-conversation`, `usage` for arguments to a command without any,
 * `self-call` for our own name as an argument, or the error of the command
 */
export async function interpretLine(line: string, context: CommandContext, inputMode: InputMode): Promise<void> {
  if (inputMode === 'terminal' && line.trim() === '') return
  const parsed = parseLine(line, inputMode)
  if ('text' in parsed) return say(parsed.text, context)
  if (parsed.command === 'json' && inputMode === 'json') return sayJson(parsed.rest, context)
  const command = context.commands.find(({ name }) => name === parsed.command)
  if (command === undefined) throw noSuchCommand(parsed.command, context.commands)
  const rest = VERBATIM.has(command.argument) ? parsed.rest : withoutInvisible(parsed.rest)
  refuseOwnName(rest, command, context.name)
  if (command.usage === '' && rest.trim() !== '') throw misused(command)
  await command.run(rest, context)
}

function refuseOwnName(rest: string, { name, argument }: ChatCommand, self: string): void {
  if (argument !== 'name' && argument !== 'message') return
  const [word = ''] = withoutInvisible(rest).trim().split(/\s/, 1)
  if (word.toLowerCase() !== self) return
  throw new ChatError('self-call', `${self} is your own name`, { hint: `/${name} needs the name of somebody else` })
}

async function say(text: string, { engine, selected }: CommandContext): Promise<void> {
  if (selected === null) throw noneSelected(engine, '/switch NAME')
  await engine.say(selected, text)
}

/** `/json {"to":"bob","text":"a\nb"}` carries texts that a line cannot. */
async function sayJson(rest: string, context: CommandContext): Promise<void> {
  let value: unknown
  try {
    value = JSON.parse(rest)
  } catch (cause) {
    throw new ChatError('bad-input', '/json takes one JSON object', { cause })
  }
  const message = v.safeParse(jsonSchema, value)
  if (!message.success) throw new ChatError('bad-input', '/json takes {"to":NAME,"text":TEXT}')
  const { to, text } = message.output
  if (to === undefined) return say(text, context)
  await sayTo(parseName(to), text, context.engine)
}
