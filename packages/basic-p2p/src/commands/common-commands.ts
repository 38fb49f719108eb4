import { ChatError } from '@p2p-secure-chat/core/errors'
import { rowsOf } from '@p2p-secure-chat/core/terminal/rows'
import { type ChatCommand, type CommandGroup, misused, nameArgument, usageOf } from './chat-command.ts'
import { isSettingName, type SettingName, SETTINGS } from './preferences.ts'
import { noSuch, noSuchCommand } from './suggestions.ts'
import { conversationCommands } from './conversation-commands.ts'

/** Cells that any terminal has; longer lines are harder to read anyhow. */
const WIDTH = 76

const INDENT = '  '

const GROUPS: readonly CommandGroup[] = ['talking', 'trust', 'this program']

const who: ChatCommand = {
  name: 'who',
  usage: '[PREFIX] [AFTER]',
  group: 'talking',
  argument: 'prefix',
  help: 'who is online (names that start with PREFIX)',
  description:
    'Lists who is online, one page at a time. With PREFIX it lists only the names that start with it. The last line of a page shows the command for the next page.',
  example: '/who b',
  async run(rest, { directory, presenter }) {
    const [start = '*', after = '', ...more] = rest.toLowerCase().split(/\s+/).filter(Boolean)
    if (more.length > 0) throw misused(who)
    const prefix = start === '*' ? '' : start
    if (Math.max(prefix.length, after.length) > 32)
      throw new ChatError('bad-name', 'no name is longer than 32 characters')
    await presenter.show({ event: 'users', prefix, ...(await directory.who(prefix, after)) })
  },
}

const block: ChatCommand = {
  name: 'block',
  usage: '[NAME]',
  group: 'trust',
  argument: 'name',
  help: 'refuse calls from somebody; alone: list them',
  description:
    'Refuses every call from somebody, who only sees that you decline. Where peers have keys, their key is blocked under any other name too. Without a name it lists everyone you have blocked.',
  example: '/block mallory',
  async run(rest, { engine, blocked, presenter }) {
    if (rest.trim() === '') return presenter.show({ event: 'blocked', peers: await blocked.list() })
    const peer = nameArgument(rest, block)
    const fingerprint = await engine.block(peer)
    presenter.note(`${peer} is blocked${fingerprint === null ? '' : ', and so is anyone else with the same key'}`)
  },
}

const unblock: ChatCommand = {
  name: 'unblock',
  usage: 'NAME',
  group: 'trust',
  argument: 'name',
  help: 'accept calls from somebody again',
  description: 'Takes somebody off your block list. It does not call them.',
  example: '/unblock mallory',
  async run(rest, { blocked, presenter }) {
    const peer = nameArgument(rest, unblock)
    if (!(await blocked.unblock(peer))) {
      throw new ChatError('unknown-user', `${peer} is not blocked`, { hint: '/block lists everyone you have blocked' })
    }
    presenter.note(`${peer} is no longer blocked`)
  },
}

const set: ChatCommand = {
  name: 'set',
  usage: '[SETTING [on|off]]',
  group: 'this program',
  argument: 'setting',
  help: 'turn bell, title, times or plain on or off',
  description:
    'Turns a setting on or off, and remembers it where your keys are kept. Without a value it shows the setting; alone it lists all of them.',
  example: '/set bell on',
  async run(rest, { preferences, presenter }) {
    if (preferences === null) throw new ChatError('usage', '/set only works at a terminal')
    const [setting, value, ...more] = rest.toLowerCase().split(/\s+/).filter(Boolean)
    const names = Object.keys(SETTINGS)
    const row = (name: SettingName) =>
      `${name.padEnd(5)}  ${(preferences.current[name] ? 'on' : 'off').padEnd(3)}  ${SETTINGS[name]}`
    if (setting === undefined) return presenter.answer(names.filter(isSettingName).map(row).join('\n'))
    if (!isSettingName(setting)) {
      throw noSuch('setting', setting, names, `the settings are ${names.join(', ')}`)
    }
    if (value === undefined) return presenter.answer(row(setting))
    if ((value !== 'on' && value !== 'off') || more.length > 0) {
      throw misused(set, `/set ${setting} on, or /set ${setting} off`)
    }
    await preferences.change({ [setting]: value === 'on' })
    presenter.note(`${setting} is ${value}`)
  },
}

const help: ChatCommand = {
  name: 'help',
  usage: '[COMMAND]',
  group: 'this program',
  argument: 'command',
  help: 'this list, or more about one command',
  description: 'Lists all commands. With the name of a command it shows how to use it, what it does, and an example.',
  example: '/help chat',
  async run(rest, { commands, presenter }) {
    const wanted = rest.trim().replace(/^\//, '').toLowerCase()
    if (wanted === '') return presenter.answer(overview(commands))
    const command = commands.find(({ name }) => name === wanted)
    if (command === undefined) throw noSuchCommand(wanted, commands)
    presenter.answer(manual(command))
  },
}

const quit: ChatCommand = {
  name: 'quit',
  usage: '',
  group: 'this program',
  argument: 'nothing',
  help: 'say goodbye to everyone and leave',
  description:
    'Says goodbye to everyone, gives texts on their way a moment to arrive, and ends the program. Ctrl-D on an empty line does the same, and so does Ctrl-C twice within two seconds; while you are calling somebody, Ctrl-C hangs up first. If others use the directory inside this client, it asks you first. Ctrl-Z suspends the program until fg in the shell continues it.',
  example: '/quit',
  async run(_rest, { quit }) {
    quit()
  },
}

/** The commands of every rung, in the order of /help. */
export const commonCommands: readonly ChatCommand[] = [who, ...conversationCommands, block, unblock, set, help, quit]

function overview(commands: readonly ChatCommand[]): string {
  const width = Math.max(...commands.map(command => usageOf(command).length))
  const sections = GROUPS.flatMap(group => {
    const members = commands.filter(command => command.group === group)
    if (members.length === 0) return []
    return [`${group}:`, ...members.map(command => row(usageOf(command).padEnd(width), command.help))]
  })
  return [...sections, '//x sends the text /x; /help COMMAND says more about a command'].join('\n')
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

/** Wraps a text; all lines but the first are indented to `margin`. */
function indented(text: string, margin: number): string {
  return rowsOf(text, WIDTH - margin, 'prose').join(`\n${' '.repeat(margin)}`)
}
