import { ChatError } from '@p2p-secure-chat/core/errors'
import { checkFileName } from '@p2p-secure-chat/core/files/new-file'
import { type Address, parseAddress, parsePort } from '@p2p-secure-chat/core/net/address'
import { whileFull } from '@p2p-secure-chat/core/net/while-full'
import type { Recording } from '@p2p-secure-chat/core/net/recording'
import { readLines } from '@p2p-secure-chat/core/terminal/lines'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { quietPipe } from '@p2p-secure-chat/core/terminal/quiet-pipe'
import { reportError } from '@p2p-secure-chat/core/terminal/report-error'
import { linesFor } from '@p2p-secure-chat/core/terminal/wrap-lines'
import { answerAll, type Output } from './answer-all.ts'
import { errorLine, jsonLine } from './answer-line.ts'
import { ANSWER_DEADLINE, connectCalculator } from './client.ts'
import { expressionsFrom } from './expression-arguments.ts'
import { lineWriter } from './line-writer.ts'
import { runPrompt } from './prompt.ts'

export interface ClientOptions {
  readonly host: string
  readonly port: string
  readonly json?: true
  readonly record?: string
  readonly debug?: true
}

/**
 * Evaluates the arguments; without any, asks at a prompt on a terminal, else reads stdin, one expression per line.
 *
 * @returns the exit code: 1 when an argument or line had no result
 * @throws {ChatError} `usage`, `bad-address`, `unwritable`, or why the calculator could not be reached or was lost
 */
export async function runClient(args: readonly string[], options: ClientOptions): Promise<number> {
  quietPipe()
  const expressions = expressionsFrom(args)
  const address = parseAddress(options.host, { port: parsePort(options.port) })
  const recording = options.record === undefined ? null : await startRecording(options.record)
  try {
    return await converse(expressions, address, options, recording)
  } finally {
    await recording?.close()
  }
}

async function startRecording(path: string): Promise<Recording> {
  checkFileName('--record', path)
  const { openRecording } = await import('@p2p-secure-chat/core/net/recording')
  const recording = openRecording(path, 'calc-client')
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // The second time nobody listens any more, and it ends the program as if nobody ever had.
    process.once(signal, () => void recording.close().finally(() => process.kill(process.pid, signal)))
  }
  process.stderr.write(`note: ${printableLine(recording.notice ?? '')}\n`)
  recording.onFailure(error => void reportError(error))
  return recording
}

async function converse(
  expressions: readonly string[],
  address: Address,
  options: ClientOptions,
  recording: Recording | null,
): Promise<number> {
  const calculator = await whileFull(() => connectCalculator(address, ANSWER_DEADLINE, recording?.tap), {
    onFull: ({ code }) => process.stderr.write(`note: the calculator has no place now, trying again (${code})\n`),
  })

  if (expressions.length === 0 && process.stdin.isTTY && process.stdout.isTTY && options.json === undefined) {
    await runPrompt(calculator, address)
    return 0
  }

  let failed = false
  function refuse(error: ChatError): void {
    failed = true
    reportError(error, options)
  }
  // Few answers, and errors between them on stderr: written at once, so that the two keep their order on a screen.
  const write = expressions.length > 0 ? writeAtOnce : lineWriter(process.stdout)
  const output: Output = {
    refuse,
    show(answer) {
      const { evaluation } = answer
      if ('error' in evaluation) failed = true
      if (options.json !== undefined) return write(jsonLine(answer))
      if ('result' in evaluation) return write(evaluation.result)
      // Line by line, stdout has an answer for each line of stdin; else errors are for the person alone.
      if (expressions.length === 0) return write(linesFor(process.stdout, errorLine(evaluation.error)))
      refuse(new ChatError(evaluation.error.code, evaluation.error.message))
      return undefined
    },
  }
  if (expressions.length > 0) {
    await answerAll(calculator, expressions, output)
  } else {
    try {
      await answerAll(calculator, linesOf(process.stdin, refuse), output)
    } finally {
      // A lost connection must not wait for the end of the input.
      process.stdin.destroy()
    }
  }
  return failed ? 1 : 0
}

function writeAtOnce(line: string): undefined {
  process.stdout.write(`${line}\n`)
}

/** Blank lines are no expressions: they are skipped. */
async function* linesOf(input: AsyncIterable<Uint8Array>, refuse: (error: ChatError) => void): AsyncGenerator<string> {
  for await (const line of readLines(input)) {
    if ('error' in line) refuse(line.error)
    else if (line.text.trim() !== '') yield line.text
  }
}
