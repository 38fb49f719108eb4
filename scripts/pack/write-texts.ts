import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SHELLS } from '@p2p-secure-chat/basic-p2p/program/completion-command'
import { VERSION } from '@p2p-secure-chat/core/installation'
import { completionScripts } from '@p2p-secure-chat/suite/completion'
import { EVERY_COMMAND, UMBRELLA } from '@p2p-secure-chat/suite/every-command'
import { manualPage } from '@p2p-secure-chat/suite/manual-page'
import { umbrellaCommand } from '@p2p-secure-chat/suite/umbrella-command'

// Writes the manual pages and the completion scripts of the package into a folder. It is bundled as the programs are, so
// that their definitions name commands as they are typed where the package is installed. Arguments: the folder, YYYY-MM-DD.

const [folder = '', date = ''] = process.argv.slice(2)

/** Where each shell looks for the script of a command. */
const SCRIPT_NAMES = {
  bash: (command: string) => command,
  zsh: (command: string) => `_${command}`,
  fish: (command: string) => `${command}.fish`,
} as const

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), text)
}

const names = [UMBRELLA, ...EVERY_COMMAND.map(({ program }) => program)]
const frame = (own: string) => ({ date, version: VERSION, seeAlso: names.filter(name => name !== own) })

write(`man/${UMBRELLA}.1`, manualPage(await umbrellaCommand(), frame(UMBRELLA)))
for (const { program, aliases, load } of EVERY_COMMAND) {
  const page = manualPage(await load(), frame(program))
  for (const name of [program, ...aliases]) write(`man/${name}.1`, page)
}
for (const shell of SHELLS) {
  for (const [command, script] of await completionScripts(shell)) {
    write(`completions/${shell}/${SCRIPT_NAMES[shell](command)}`, script)
  }
}
