import type { DescribedCommand, DescribedFlag, DescribedProgram } from './described-program.ts'

/** A script for fish: `chat-client completion fish | source`. */
export function fishScript({ names, flags, commands }: DescribedProgram): string {
  const noCommand = `-n 'not __fish_seen_subcommand_from ${commands.map(command => command.name).join(' ')}'`
  const lines = names.flatMap(name => [
    `complete -c ${name} -f`,
    ...flags.map(flag => `complete -c ${name} ${noCommand} ${described(flag)}`),
    ...commands.flatMap(command => [
      `complete -c ${name} -n __fish_use_subcommand -a ${command.name} -d ${quoted(command.help)}`,
      ...afterCommand(command, []).map(rest => `complete -c ${name} ${rest}`),
    ]),
  ])
  return `# completion for fish; to use it: ${names[0]} completion fish | source\n${lines.join('\n')}\n`
}

/** @param outer the commands around it */
function afterCommand(
  { name, flags, words, takesFile, commands }: DescribedCommand,
  outer: readonly string[],
): string[] {
  const path = [...outer, name]
  const seen = path.map(word => `__fish_seen_subcommand_from ${word}`)
  // Once a subcommand is there, its siblings no longer fit.
  const inner = commands.map(command => command.name).join(' ')
  const last = inner === '' ? seen : [...seen, `not __fish_seen_subcommand_from ${inner}`]
  const here = (conditions: readonly string[], rest: string) => `-n '${conditions.join('; and ')}' ${rest}`
  return [
    ...(words.length === 0 ? [] : [here(last, `-a ${quoted(words.join(' '))}`)]),
    ...(takesFile ? [here(seen, '-F')] : []),
    ...flags.map(flag => here(seen, described(flag))),
    ...commands.flatMap(command => afterCommand(command, path)),
  ]
}

function described({ flag, help, takes, values }: DescribedFlag): string {
  const name = `-l ${flag.slice('--'.length)} -d ${quoted(help)}`
  const words = values.length === 0 ? '' : ` -a ${quoted(values.join(' '))}`
  switch (takes) {
    case 'nothing':
      return name
    case 'text':
      return `${name} -x${words}`
    case 'file':
      return `${name} -r -F${words}`
    case 'folder':
      return `${name} -x -a '(__fish_complete_directories)'`
  }
}

/** Inside single quotes, only the quote and the backslash are special. */
function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`
}
