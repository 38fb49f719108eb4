import { ACCEPT_POLICIES } from '@p2p-secure-chat/basic-p2p/chat/call-policy'
import { type Shell, SHELL_SCRIPTS } from '@p2p-secure-chat/basic-p2p/program/completion-command'
import { describeProgram } from '@p2p-secure-chat/basic-p2p/program/completion/described-program'
import { groupNames } from '@p2p-secure-chat/core/dh/groups'
import { RUNGS } from '@p2p-secure-chat/lab/rungs'
import { commandLine } from '@p2p-secure-chat/core/terminal/command-line'
import { EVERY_COMMAND, UMBRELLA } from './every-command.ts'

/** What may follow a flag of any program. */
const VALUES = { '--accept': ACCEPT_POLICIES, '--group': groupNames, '--against': RUNGS }

/** Scripts for a shell, by the program that they complete: every program, and all of them behind their words. */
export async function completionScripts(shell: Shell): Promise<ReadonlyMap<string, string>> {
  const script = await SHELL_SCRIPTS[shell]()
  const scripts = new Map<string, string>()
  const umbrella = commandLine(UMBRELLA, '')
  for (const { program, aliases, word, load } of EVERY_COMMAND) {
    scripts.set(program, script(describeProgram(await load(), [program, ...aliases], VALUES)))
    umbrella.addCommand((await load()).name(word))
  }
  return scripts.set(UMBRELLA, script(describeProgram(umbrella, [UMBRELLA], VALUES)))
}
