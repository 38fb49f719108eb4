import { ChatError } from '@p2p-secure-chat/core/errors'
import * as v from 'valibot'
import { parseName } from '../directory/name.ts'
import { type CommandContext, sayTo } from './chat-command.ts'
import { noSuchCommand } from './suggestions.ts'

const jsonSchema = v.object({ to: v.optional(v.string()), text: v.string() })

/** The words of the original project that a person at a terminal may still type. */
const ORIGINAL_WORDS: Readonly<Record<string, string>> = { 'Get Users': '/who', EOM: '/leave', EXIT: '/quit' }

/** How lines are read: the original's words on a terminal alone, `/json` with `--json` alone. */
export type Manner = 'terminal' | 'pipe' | 'json'

/**
 * Does what one entered line says: a command when it starts with a slash, else a text to the selected peer. A blank
 * line is a text too, except at a terminal, where it is a slip of the hand.
 *
 * @throws {ChatError} `unknown-command`, `no-conversation`, or what the command could not do
 */
export async function interpretLine(line: string, context: CommandContext, manner: Manner): Promise<void> {
  if (manner === 'terminal' && line.trim() === '') return
  const input = manner === 'terminal' ? (ORIGINAL_WORDS[line.trim()] ?? line) : line
  if (!input.startsWith('/')) return say(input, context)
  if (input.startsWith('//')) return say(input.slice(1), context)
  const [, name = '', rest = ''] = /^\/(\S*)\s?([^]*)$/.exec(input) ?? []
  if (name === 'json' && manner === 'json') return sayJson(rest, context)
  const command = context.commands.find(known => known.name === name)
  if (command === undefined) throw noSuchCommand(name, context.commands)
  await command.run(rest, context)
}

/** Whether a text or a file is lost with this line if it fails. */
export function carriesText(line: string): boolean {
  return !/^\/(?!\/|msg\s|json\s|send\s)/.test(line)
}

async function say(text: string, { engine, selected }: CommandContext): Promise<void> {
  if (selected === null) throw new ChatError('no-conversation', 'this text has nobody to go to')
  try {
    await engine.say(selected, text)
  } catch (cause) {
    if (!(cause instanceof ChatError) || cause.code !== 'no-conversation') throw cause
    // Whom one calls is selected at once, and a person types on.
    throw new ChatError('no-conversation', `${selected} has not answered yet`, {
      cause,
      hint: 'say it again when the conversation is open',
    })
  }
}

/** `/json {"to":"bob","text":"a\nb"}` carries what a line can not. */
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
