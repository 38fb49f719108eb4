// A program with nothing but the line editor. Entered lines appear as JSON; what the editor is to do arrives as JSON
// lines on a connection to the port in DEMO_PORT, which also tells when the person left or the width changed.
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { interruptKey } from '../../../src/input/interrupt-key.ts'
import { openLineEditor } from '../../../src/input/line-editor.ts'
import { quietPipe } from '../../../src/terminal/quiet-pipe.ts'

// It is for the editor to notice that the terminal is gone.
process.on('SIGHUP', () => {})
quietPipe(process.stdout, () => {})

const orders = connect(Number(process.env['DEMO_PORT']), '127.0.0.1')

const editor = openLineEditor({
  input: process.stdin,
  output: process.stdout,
  prompt: 'me> ',
  async complete(before) {
    const word = before.split(' ').at(-1) ?? ''
    const words = before.startsWith('/') && before === word ? ['/who', '/quit', '/verify'] : ['bob', 'bonnie', '爱丽丝']
    if (word === 'b') await new Promise(resolve => setTimeout(resolve, 50))
    if (/^o\u0301?dd$/.test(word)) return { word, choices: [{ text: '"odd name"', label: 'odd name' }] }
    return { word, choices: words.filter(text => text.startsWith(word)).map(label => ({ text: `${label} `, label })) }
  },
  onLine: text => editor.print(`entered ${JSON.stringify(text)}`),
  onInterrupt: interruptKey({ editor: () => editor, say: text => editor.print(text), leave }),
  onEnd: leave,
  onGone: leave,
})

function leave(): void {
  editor.close()
  editor.print('left')
  orders.end('left')
}

process.stdout.on('resize', () => orders.write('resized'))

interface Order {
  readonly print?: string
  readonly prompt?: string
  readonly status?: string
  readonly exit?: 'close' | 'process' | 'throw'
}

createInterface({ input: orders }).on('line', line => {
  const { print, prompt, status, exit }: Order = JSON.parse(line)
  if (print !== undefined) editor.print(print)
  if (prompt !== undefined) editor.setPrompt(prompt)
  if (status !== undefined) editor.setStatus(status)
  if (exit === 'process') process.exit(7)
  if (exit === 'throw') throw new Error('a defect')
  if (exit === 'close') {
    editor.close()
    editor.close()
    editor.print(`closed, raw ${process.stdin.isRaw}`)
    orders.destroy()
  }
})
