import type { Argument, Command, Option } from 'commander'

/** The head and the foot of a manual page. */
export interface PageFrame {
  /** YYYY-MM-DD. */
  readonly date: string
  readonly version: string
  /** Names of other pages. */
  readonly seeAlso: readonly string[]
}

/** Every program ends like this. */
const EXIT_STATUS: readonly (readonly [string, string])[] = [
  ['0', 'done'],
  ['1', 'failed while running'],
  ['2', 'wrong usage'],
  ['3', 'refused for security: a changed key, a failed handshake, a rejected record'],
]

/**
 * The manual page of a program, in the macros of man(7), made of the same definition as its help.
 *
 * @param program as it gives its command line away
 */
export function manualPage(program: Command, { date, version, seeAlso }: PageFrame): string {
  const name = program.name()
  const commands = commandsOf(program)
  return [
    `.TH ${quoted(name.toUpperCase())} 1 ${quoted(date)} ${quoted(`p2p-secure-chat ${version}`)} "User Commands"`,
    ...section('NAME', `${escaped(name)} \\- ${escaped(program.description())}`),
    ...section('SYNOPSIS', ...synopsis(program, name)),
    ...section('DESCRIPTION', ...paragraphs(textAfterHelp(program) || program.description())),
    ...section('OPTIONS', ...options(program)),
    ...(commands.length === 0 ? [] : section('COMMANDS', ...commands.flatMap(command => described(command, name)))),
    ...section('EXIT STATUS', ...EXIT_STATUS.flatMap(([code, meaning]) => ['.TP', bold(code), escaped(meaning)])),
    ...section('SEE ALSO', seeAlso.map(other => `\\fB${escaped(other)}\\fR(1)`).join(', ')),
    '',
  ].join('\n')
}

const section = (title: string, ...lines: readonly string[]): string[] => [`.SH ${quoted(title)}`, ...lines]

/** A command of a program, and those that it has itself. */
function described(command: Command, before: string): string[] {
  const name = `${before} ${command.name()}`
  return [
    `.SS ${quoted(command.name())}`,
    ...synopsis(command, name),
    '.PP',
    ...paragraphs(`${command.description()}\n${textAfterHelp(command)}`),
    ...command.registeredArguments.flatMap(argument => argumentLines(command, argument)),
    ...options(command),
    ...commandsOf(command).flatMap(inner => described(inner, name)),
  ]
}

/** The commands that a program shows, without commander's own. */
const commandsOf = (command: Command): readonly Command[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .filter(inner => inner.name() !== 'help')

function synopsis(command: Command, name: string): string[] {
  return [bold(name), escaped(command.createHelp().commandUsage(command).slice(name.length).trim())]
}

function argumentLines(command: Command, argument: Argument): string[] {
  const text = command.createHelp().argumentDescription(argument)
  return text === '' ? [] : ['.TP', `\\fI${escaped(argument.name())}\\fR`, escaped(text)]
}

function options(command: Command): string[] {
  const help = command.createHelp()
  return help
    .visibleOptions(command)
    .flatMap((option: Option) => ['.TP', flag(option), escaped(help.optionDescription(option))])
}

/** `-V, --version` in bold, and what the flag takes as it is. */
function flag({ flags }: Option): string {
  return escaped(flags).replaceAll(/(?:\\-){1,2}[\w-]+(?:\\-\w+)*/g, '\\fB$&\\fR')
}

/** What the help says behind its lists. */
function textAfterHelp(command: Command): string {
  let text = ''
  const output = command.configureOutput()
  command.configureOutput({ ...output, writeOut: piece => (text += piece) })
  command.outputHelp()
  command.configureOutput(output)
  return text.split(command.helpInformation()).at(-1)?.trim() ?? ''
}

/** Lines that are indented keep their shape. Others are filled, and a line that ends a sentence ends its paragraph. */
function paragraphs(text: string): string[] {
  const lines = text.trim().split('\n')
  return lines.flatMap((line, i) => {
    if (line.trim() === '') return ['.PP']
    if (!line.startsWith(' '))
      return line.endsWith('.') && i < lines.length - 1 ? [escaped(line), '.PP'] : [escaped(line)]
    const [begins, ends] = [!lines[i - 1]?.startsWith(' '), !lines[i + 1]?.startsWith(' ')]
    return [...(begins ? ['.nf'] : []), escaped(line), ...(ends ? ['.fi'] : [])]
  })
}

const bold = (text: string): string => `.B ${escaped(text)}`

const quoted = (text: string): string => `"${escaped(text).replaceAll('"', '\\(dq')}"`

/** Text in which nothing is a request or an escape of roff. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replace(/^[.']/, '\\&$&')
}
