// A program that writes lines for as long as it may, and ends as quietPipe() says.
import { quietPipe } from '../../../src/terminal/quiet-pipe.ts'

const [exitCode = '0'] = process.argv.slice(2)
process.exitCode = Number(exitCode)
quietPipe()

function writeMore(): void {
  process.stdout.write('line\n')
  setImmediate(writeMore)
}
writeMore()
