import { rowsOf } from '@p2p-secure-chat/core/terminal/rows'
import { type ChatCommand, type CommandGroup, usageOf } from './chat-command.ts'
import { noSuchCommand } from './suggestions.ts'

/** Cells that any terminal has; longer lines are harder to read anyhow. */
const WIDTH = 76

const INDENT = '  '

const GROUPS: readonly CommandGroup[] = ['talking', 'trust', 'this program']

/** Which commands there are, and what one of them does. */
export const helpCommand: ChatCommand = {
  name: 'help',
  usage: '[COMMAND]',
  group: 'this program',
  argument: 'command',
  help: 'this list, or more about one command',
  description:
    'Lists all commands. With the name of one of them it says how that is used, what it does, and an example.',
  example: '/help chat',
  async run(rest, { commands, presenter }) {
    const wanted = rest.trim().replace(/^\//, '').toLowerCase()
    if (wanted === '') return presenter.note(overview(commands))
    const command = commands.find(({ name }) => name === wanted)
    if (command === undefined) throw noSuchCommand(wanted, commands)
    presenter.note(manual(command))
  },
}

function overview(commands: readonly ChatCommand[]): string {
  const width = Math.max(...commands.map(command => usageOf(command).length))
  const sections = GROUPS.flatMap(group => {
    const members = commands.filter(command => command.group === group)
    if (members.length === 0) return []
    return [`${group}:`, ...members.map(command => row(usageOf(command).padEnd(width), command.help))]
  })
  return [...sections, '//x sends the text /x; /help COMMAND says more about one'].join('\n')
}

function row(left: string, right: string): string {
  const margin = INDENT.length + left.length + INDENT.length
  return `${INDENT}${left}${INDENT}${indented(right, margin)}`
}

function manual(command: ChatCommand): string {
  return [
    `usage: ${usageOf(command)}`,
    `${INDENT}${indented(command.description, INDENT.length)}`,
    `example: ${command.example}`,
  ].join('\n')
}

/** Text in lines, of which all but the first begin below its first word. */
function indented(text: string, margin: number): string {
  return rowsOf(text, WIDTH - margin, 'prose').join(`\n${' '.repeat(margin)}`)
}
