import type { Command, Option } from 'commander'

/** A flag, and what may follow it: words of a list, a file, a folder, any text, or nothing. */
export interface DescribedFlag {
  /** As people type it: `--accept`. */
  readonly flag: string
  readonly help: string
  readonly takes: 'nothing' | 'text' | 'file' | 'folder'
  /** Words to offer, besides files or folders. */
  readonly values: readonly string[]
}

/** A command as a shell needs to know it. */
export interface DescribedCommand {
  readonly name: string
  readonly help: string
  readonly flags: readonly DescribedFlag[]
  /** Possible words for its first argument. */
  readonly words: readonly string[]
  /** Whether its first argument may be a file. */
  readonly takesFile: boolean
  /** Subcommands; their names are among the words. */
  readonly commands: readonly DescribedCommand[]
}

export interface DescribedProgram {
  /** Names of the program, at least one. */
  readonly names: readonly string[]
  readonly flags: readonly DescribedFlag[]
  readonly commands: readonly DescribedCommand[]
}

/**
 * Reads what can be completed from the program itself, so new flags are completed without further work. The placeholder
 * tells what a flag takes: `<file>`, `<dir>`, `<name|file>`; an argument named `<file>` is a file.
 *
 * @param values the possible words of a flag, by flag
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

/** Commands and their subcommands, at every depth. */
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
