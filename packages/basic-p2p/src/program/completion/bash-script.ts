import { allCommands, type DescribedCommand, type DescribedFlag, type DescribedProgram } from './described-program.ts'

/** Name of the function in bash and zsh: characters that a function name cannot have become `_`. */
export function functionName({ names: [name = ''] }: DescribedProgram): string {
  return `_${name.replaceAll(/\W/g, '_')}`
}

/**
 * A script for bash 3.2 (the bash of macOS) and later: `source <(chat-client completion bash)`. It needs no quoting: our
 * flags, commands and values contain nothing special to bash.
 */
export function bashScript(program: DescribedProgram): string {
  const name = functionName(program)
  const flags = [...program.flags, ...allCommands(program.commands).flatMap(command => command.flags)]
  const words = [...program.flags.map(({ flag }) => flag), ...program.commands.map(command => command.name)]
  return `# completion of ${program.names.join(', ')} for bash; to use it: source <(${program.names[0]} completion bash)
${name}() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" IFS=$' \\t\\n'
  # bash takes "=" for a word of its own
  if [ "$cur" = '=' ]; then cur=''
  elif [ "$prev" = '=' ]; then prev="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  COMPREPLY=()
  case "$prev" in
${[...new Set(values(flags))].join('\n')}
  esac
  case "\${COMP_WORDS[1]}" in
${program.commands.map(command => `    ${afterCommand(command, 1)}`).join('\n')}
  esac
  ${offer(words)}
}
complete -F ${name} ${program.names.join(' ')}
`
}

const offer = (words: readonly string[]) => `COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$cur"))`

/** File names may contain spaces, so only newlines separate them. */
const offerPaths = (kind: '-f' | '-d') =>
  `IFS=$'\\n'; COMPREPLY+=($(compgen ${kind} -- "$cur")); compopt -o filenames 2>/dev/null`

function values(flags: readonly DescribedFlag[]): string[] {
  return flags
    .filter(({ takes }) => takes !== 'nothing')
    .map(({ flag, takes, values }) => {
      const steps = values.length === 0 ? [] : [offer(values)]
      if (takes === 'file') steps.push(offerPaths('-f'))
      if (takes === 'folder') steps.push(offerPaths('-d'))
      return `    ${flag}) ${[...steps, 'return'].join('; ')} ;;`
    })
}

/** @param place index of the command among the words */
function afterCommand({ name, flags, words, takesFile, commands }: DescribedCommand, place: number): string {
  const steps = [offer([...words, ...flags.map(({ flag }) => flag)])]
  if (takesFile) steps.push(offerPaths('-f'))
  const own = `[ "$COMP_CWORD" -gt ${place} ] && { ${[...steps, 'return'].join('; ')}; }`
  const inner = commands.map(command => afterCommand(command, place + 1)).join(' ')
  return `${name}) ${inner === '' ? '' : `case "\${COMP_WORDS[${place + 1}]}" in ${inner} esac; `}${own} ;;`
}
