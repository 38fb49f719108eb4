import { ChatError } from '@p2p-secure-chat/core/errors'
import { checkFileName } from '@p2p-secure-chat/core/files/new-file'
import { inWordsOf, type Words } from '@p2p-secure-chat/core/net/in-words'
import { type Address, parseAddress, parsePort } from '@p2p-secure-chat/core/net/address'
import { whileFull } from '@p2p-secure-chat/core/net/while-full'
import type { Recording } from '@p2p-secure-chat/core/net/recording'
import { readLines } from '@p2p-secure-chat/core/terminal/lines'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { quietPipe } from '@p2p-secure-chat/core/terminal/quiet-pipe'
import { reportError } from '@p2p-secure-chat/core/terminal/report-error'
import { linesFor } from '@p2p-secure-chat/core/terminal/wrap-lines'
import { answerAll, type Output } from './answer-all.ts'
import { atLine, errorLine, jsonLine } from './answer-line.ts'
import { ANSWER_DEADLINE, connectCalculator, type Question } from './client.ts'
import { expressionsFrom } from './expression-arguments.ts'
import { lineWriter } from './line-writer.ts'
import { runPrompt } from './prompt.ts'

const CALCULATOR: Words = {
  server: 'the server',
  hints: {
    'bad-address': '--host takes a name or an IP address, and --port a number',
    closed: 'calc-server was stopped, or starts again: see that it runs, then repeat what has no answer',
    cut: 'calc-server has ended, or the network failed: see that it runs, then repeat what has no answer',
    timeout: 'calc-server is busy or hangs, or the network failed: see that it runs, then repeat what has no answer',
    'too-many': 'calc-server serves as many as it can: wait a moment; its --help names the limits',
    unreachable: 'start calc-server, or say with --host and --port where it runs',
    'wrong-protocol': 'check --host and --port: a chat server or another program answers there',
  },
}

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
  let recording: Recording | null = null
  try {
    const address = parseAddress(options.host, { port: parsePort(options.port) })
    recording = options.record === undefined ? null : await startRecording(options.record)
    return await converse(expressions, address, options, recording)
  } catch (error) {
    throw inWordsOf(CALCULATOR, error)
  } finally {
    await recording?.close()
  }
}

async function startRecording(path: string): Promise<Recording> {
  checkFileName('--record', path)
  const { openRecording } = await import('@p2p-secure-chat/core/net/recording')
  const recording = await openRecording(path, 'calc-client')
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
    refuse: ({ code, message }, { line }) => refuse(new ChatError(code, atLine(line, message))),
    show(answer) {
      const { evaluation } = answer
      if ('error' in evaluation) failed = true
      if (options.json !== undefined) return write(jsonLine(answer))
      if ('result' in evaluation) return write(evaluation.result)
      // Line by line, stdout has an answer for each line of stdin; else errors are for the person alone.
      if (expressions.length === 0) return write(linesFor(process.stdout, errorLine(evaluation.error, answer.line)))
      refuse(new ChatError(evaluation.error.code, evaluation.error.message))
      return undefined
    },
  }
  if (expressions.length > 0) {
    await answerAll(
      calculator,
      expressions.map(expression => ({ expression })),
      output,
    )
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
async function* linesOf(
  input: AsyncIterable<Uint8Array>,
  refuse: (error: ChatError) => void,
): AsyncGenerator<Question> {
  for await (const line of readLines(input)) {
    if ('error' in line) refuse(line.error)
    else if (line.text.trim() !== '') yield { expression: line.text, line: line.number }
  }
}
