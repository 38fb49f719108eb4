// A program that ends on a signal as leaveOnSignals() says; what it does first never ends, or fails;
// or its command fails, while something else is still under way.
import { ChatError } from '../../../src/errors.ts'
import { commandLine, runCommandLine } from '../../../src/terminal/command-line.ts'
import { leaveOnSignals } from '../../../src/terminal/leave.ts'

const [how] = process.argv.slice(2)
leaveOnSignals(() => {
  process.stdout.write('settling\n')
  return how === 'fails' ? Promise.reject(new Error('no disk')) : new Promise(() => undefined)
})
setInterval(() => undefined, 1_000)
process.stdout.write('ready\n')
if (how === 'throws') {
  const program = commandLine('demo', 'fails').allowExcessArguments()
  await runCommandLine(program.action(() => Promise.reject(new ChatError('weak-group', 'no'))))
}
