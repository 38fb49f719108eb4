// Asks everything that can be asked, while something else goes on in the process, and prints the answers as JSON. With
// --busy, the process does nothing else for a while right after it was told to ask.
import { askChoice, askSecret, askText, askYesNo } from '../../../src/input/questions.ts'

setInterval(() => undefined, 1_000)
process.on('exit', code => process.stdout.write(`\nended with ${code}\n`))

if (process.argv.includes('--busy')) {
  setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300))
}

const text = await askText({
  message: 'A word?',
  suggestion: 'yes',
  check: answer => (answer.includes(' ') ? 'one word alone' : null),
})
const secret = await askSecret({ message: 'A secret?' })
const yes = await askYesNo('Is that so?', true)
const way = await askChoice('Which way?', [
  { answer: 'left', meaning: 'where the heart is' },
  { answer: 'right', meaning: 'where it is not' },
])
process.stdout.write(`${JSON.stringify({ text, secret, yes, way })}\n`)
process.exit(0)
