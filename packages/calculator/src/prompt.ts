import { PassThrough } from 'node:stream'
import { type Address, formatAddress } from '@p2p-secure-chat/core/net/address'
import { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import { isPlain } from '@p2p-secure-chat/core/terminal/is-plain'
import { interruptKey } from '@p2p-secure-chat/core/input/interrupt-key'
import { openLineEditor } from '@p2p-secure-chat/core/input/line-editor'
import { openPlainEditor } from '@p2p-secure-chat/core/input/plain-editor'
import { wrapLines } from '@p2p-secure-chat/core/terminal/wrap-lines'
import { answerAll } from './answer-all.ts'
import { errorLine } from './answer-line.ts'
import type { Calculator } from './client.ts'

/** Words by which people leave; no expression has a letter in it. */
const LEAVES = /^\s*(?:end|exit|quit)\s*$/i

/**
 * Asks a person for expressions and shows each answer above the line being typed, until `END`, `exit` or `quit`, Ctrl-D or
 * Ctrl-C twice.
 *
 * @throws {ChatError} what ended the connection
 */
export async function runPrompt(calculator: Calculator, address: Address): Promise<void> {
  const { bold, red } = colourFor(process.stdout)
  const where = formatAddress(address)
  process.stdout.write(`calculator at ${where}, strictly left to right: 2 + 3 * 4 is 20; END or Ctrl-D leaves\n`)
  const entered = new PassThrough({ objectMode: true })
  const leave = () => {
    editor.close()
    entered.end()
  }
  const editor = (isPlain() ? openPlainEditor : openLineEditor)({
    input: process.stdin,
    output: process.stdout,
    prompt: '> ',
    onLine(text) {
      // A paste of several lines is entered as one.
      for (const line of text.split('\n')) {
        if (LEAVES.test(line)) entered.end()
        else if (line.trim() !== '' && !entered.writableEnded) entered.write({ expression: line })
      }
    },
    onInterrupt: interruptKey({ editor: () => editor, say: text => editor.print(text), leave }),
    onEnd: leave,
    onGone: leave,
  })
  const print = (text: string) => editor.print(wrapLines(text, process.stdout.columns))
  try {
    await answerAll(calculator, entered, {
      show({ evaluation }) {
        print('result' in evaluation ? bold(evaluation.result) : red(errorLine(evaluation.error)))
        return undefined
      },
      refuse: ({ code, message }) => print(red(`error: ${message} (${code})`)),
    })
  } finally {
    editor.close()
  }
}
