import type { Command } from 'commander'
import { EVERY_COMMAND } from './every-command.ts'

/**
 * A reference of all programs in Markdown, made of the same definitions as their help: a heading for each, and a table of
 * its flags and of its commands.
 */
export async function commandTables(): Promise<string> {
  const parts: string[] = []
  for (const { program, aliases, word, load } of EVERY_COMMAND) {
    const command = await load()
    const names = [...aliases.map(alias => `\`${alias}\``), `\`p2p-secure-chat ${word}\``].join(', ')
    parts.push(`## ${program}\n\n${sentence(command.description())} Also ${names}.\n`, ...tables(command, program))
  }
  return parts.join('\n')
}

function tables(command: Command, name: string): string[] {
  const help = command.createHelp()
  const commands = help.visibleCommands(command).filter(inner => inner.name() !== 'help')
  const rows = [
    ...help
      .visibleArguments(command)
      .map(argument => [help.argumentTerm(argument), help.argumentDescription(argument)]),
    ...help.visibleOptions(command).map(option => [option.flags, help.optionDescription(option)]),
    ...commands.map(inner => [inner.name(), inner.description()]),
  ]
  const lines = rows.map(([left = '', right = '']) => `| \`${left.replaceAll('|', '\\|')}\` | ${cell(right)} |`)
  return [
    ['| | |', '|---|---|', ...lines, ''].join('\n'),
    ...commands.flatMap(inner => [`### ${name} ${inner.name()}\n`, ...tables(inner, `${name} ${inner.name()}`)]),
  ]
}

/** Text in a cell of a table: what looks like a tag is one for a reader of Markdown. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ')

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
