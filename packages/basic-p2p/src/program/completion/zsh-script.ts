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
${program.commands.map(command => `    ${afterCommand(command, 2)}`).join('\n')}
  esac
  _arguments \\
${[...program.flags.map(specification), `'1:command:((${commands}))'`].map(line => `    ${line}`).join(' \\\n')}
}
compdef ${name} ${program.names.join(' ')}
`
}

/** @param place index of the command among the words; zsh counts the program as 1 */
function afterCommand({ name, flags, words, takesFile, commands }: DescribedCommand, place: number): string {
  const passed = Array.from({ length: place - 1 }, (_, index) => `'${index + 1}: :'`)
  const what = takesFile ? '_files' : listed(words)
  const specifications = [...passed, `'${place}:what:${what}'`, ...flags.map(specification)].join(' ')
  const own = `(( CURRENT > ${place} )) && { _arguments ${specifications}; return }`
  const inner = commands.map(command => afterCommand(command, place + 1)).join(' ')
  return `${name}) ${inner === '' ? '' : `case "$words[${place + 1}]" in ${inner} esac; `}${own} ;;`
}

/** One line of _arguments: `'--accept[whose calls to accept]:value:(ask all)'`. */
function specification({ flag, help, takes, values }: DescribedFlag): string {
  const explanation = help.replaceAll('\\', ' ').replaceAll(/[[\]]/g, '\\$&').replaceAll("'", "'\\''")
  return `'${flag}[${explanation}]${takes === 'nothing' ? '' : `:value:${action(takes, values)}`}'`
}

function action(takes: DescribedFlag['takes'], values: readonly string[]): string {
  if (takes === 'file') return values.length === 0 ? '_files' : `{compadd -- ${values.join(' ')}; _files}`
  if (takes === 'folder') return '_files -/'
  return listed(values)
}

/** A space if there is nothing to offer. */
function listed(words: readonly string[]): string {
  return words.length === 0 ? ' ' : `(${words.join(' ')})`
}
