// A command in which something fails for which nobody waits, and which goes on.
import { setImmediate as turn } from 'node:timers/promises'
import { commandLine, runCommandLine } from '@p2p-secure-chat/core/terminal/command-line'
import { surviveStrayFailures } from '../../src/matrix/run-matrix.ts'

const program = commandLine('demo', 'fails').action(async () => {
  surviveStrayFailures(error => process.stdout.write(`${String(error)}\n`))
  void Promise.reject(new Error('given up'))
  setImmediate(() => {
    throw new Error('in a handler')
  })
  await turn()
  process.stdout.write('it goes on\n')
})
await runCommandLine(program)
