import type { DescribedFlag, DescribedProgram } from './described-program.ts'

/** A script for fish: `chat-client completion fish | source`. */
export function fishScript({ names, flags, commands }: DescribedProgram): string {
  const lines = names.flatMap(name => [
    `complete -c ${name} -f`,
    ...flags.map(flag => `complete -c ${name} ${described(flag)}`),
    ...commands.flatMap(command => [
      `complete -c ${name} -n __fish_use_subcommand -a ${command.name} -d ${quoted(command.help)}`,
      ...[`-a ${quoted(command.words.join(' '))}`, ...command.flags.map(described)].map(
        rest => `complete -c ${name} -n '__fish_seen_subcommand_from ${command.name}' ${rest}`,
      ),
    ]),
  ])
  return `# completion for fish; to use it: ${names[0]} completion fish | source\n${lines.join('\n')}\n`
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

/** In single quotes only the quote and the backslash are special. */
function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`
}
