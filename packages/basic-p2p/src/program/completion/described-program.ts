import type { Command, Option } from 'commander'

/** What may stand behind a flag: words of a list, a file, a folder, any text, or nothing. */
export interface DescribedFlag {
  /** `--accept`, as people type it. */
  readonly flag: string
  readonly help: string
  readonly takes: 'nothing' | 'text' | 'file' | 'folder'
  /** Words to offer, besides files where it takes them. */
  readonly values: readonly string[]
}

/** A command as a shell needs to know it. */
export interface DescribedCommand {
  readonly name: string
  readonly help: string
  readonly flags: readonly DescribedFlag[]
  /** Words that may stand in the place of its first argument. */
  readonly words: readonly string[]
  /** Whether a file may stand there. */
  readonly takesFile: boolean
  /** Commands of its own; their names are among the words. */
  readonly commands: readonly DescribedCommand[]
}

export interface DescribedProgram {
  /** The names by which it is called, at least one. */
  readonly names: readonly string[]
  readonly flags: readonly DescribedFlag[]
  readonly commands: readonly DescribedCommand[]
}

/**
 * Reads off a program what can be completed, so that a flag that is added to it is completed from then on. What a flag
 * takes is in its placeholder: `<file>`, `<dir>`, `<name|file>`; the same `<file>` is an argument that is one.
 *
 * @param values the words behind a flag, by the flag; for those that the program has
 */
export function describeProgram(
  program: Command,
  names: readonly string[],
  values: Readonly<Record<string, readonly string[]>>,
): DescribedProgram {
  const flagsOf = (command: Command) =>
    command
      .createHelp()
      .visibleOptions(command)
      .flatMap(option => describeFlag(option, values))

  function describe(command: Command): DescribedCommand {
    const [argument] = command.registeredArguments
    return {
      name: command.name(),
      help: command.description(),
      flags: flagsOf(command),
      words: [...command.commands.map(inner => inner.name()), ...(argument?.argChoices ?? [])],
      takesFile: argument?.name() === 'file',
      commands: command.commands.map(describe),
    }
  }

  return { names, flags: flagsOf(program), commands: program.commands.map(describe) }
}

/** Commands and those inside them, at every depth. */
export function allCommands(commands: readonly DescribedCommand[]): DescribedCommand[] {
  return commands.flatMap(command => [command, ...allCommands(command.commands)])
}

function describeFlag(option: Option, values: Readonly<Record<string, readonly string[]>>): DescribedFlag[] {
  const flag = option.long
  if (!flag) return []
  const takes = takenBy(option.flags)
  return [{ flag, help: option.description, takes, values: option.argChoices ?? values[flag] ?? [] }]
}

/** @param flags as commander has them: `--home <dir>` */
function takenBy(flags: string): DescribedFlag['takes'] {
  const [, placeholder] = /<(.*)>/.exec(flags) ?? []
  if (placeholder === undefined) return 'nothing'
  const kinds = placeholder.split('|')
  if (kinds.includes('file')) return 'file'
  return kinds.includes('dir') ? 'folder' : 'text'
}
