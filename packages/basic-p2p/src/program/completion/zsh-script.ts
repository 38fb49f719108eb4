import { functionName } from './bash-script.ts'
import type { DescribedCommand, DescribedFlag, DescribedProgram } from './described-program.ts'

/** A script for zsh, after compinit: `source <(chat-client completion zsh)`. */
export function zshScript(program: DescribedProgram): string {
  const name = functionName(program)
  const commands = program.commands.map(({ name, help }) => `${name}\\:"${help.replaceAll(/["\\:]/g, ' ')}"`).join(' ')
  return `#compdef ${program.names.join(' ')}
# completion for zsh; to use it, after compinit: source <(${program.names[0]} completion zsh)
${name}() {
  case "$words[2]" in
${program.commands.map(afterCommand).join('\n')}
  esac
  _arguments \\
${[...program.flags.map(specification), `'1:command:((${commands}))'`].map(line => `    ${line}`).join(' \\\n')}
}
compdef ${name} ${program.names.join(' ')}
`
}

function afterCommand({ name, flags, words }: DescribedCommand): string {
  const specifications = [`'1: :'`, `'2:what:(${words.join(' ')})'`, ...flags.map(specification)]
  return `    ${name}) (( CURRENT > 2 )) && { _arguments ${specifications.join(' ')}; return } ;;`
}

/** One line of _arguments: `'--accept[whose calls to take]:value:(ask all)'`. */
function specification({ flag, help, takes, values }: DescribedFlag): string {
  const explanation = help.replaceAll('\\', ' ').replaceAll(/[[\]]/g, '\\$&').replaceAll("'", "'\\''")
  return `'${flag}[${explanation}]${takes === 'nothing' ? '' : `:value:${action(takes, values)}`}'`
}

function action(takes: DescribedFlag['takes'], values: readonly string[]): string {
  const words = values.join(' ')
  if (takes === 'file') return values.length === 0 ? '_files' : `{compadd -- ${words}; _files}`
  if (takes === 'folder') return '_files -/'
  return values.length === 0 ? ' ' : `(${words})`
}
