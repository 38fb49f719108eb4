import { ChatError, inWordsOf, type Words } from '@p2p-secure-chat/core/errors'
import { checkFileName } from '@p2p-secure-chat/core/files/new-file'
import { type Address, parseAddress, parsePort } from '@p2p-secure-chat/core/net/address'
import { retryWhileFull } from '@p2p-secure-chat/core/net/retry'
import type { Recording } from '@p2p-secure-chat/core/net/recording'
import { readLines } from '@p2p-secure-chat/core/input/lines'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { quietPipe } from '@p2p-secure-chat/core/terminal/quiet-pipe'
import { reportError } from '@p2p-secure-chat/core/terminal/report-error'
import { type Reporter, reporter } from '@p2p-secure-chat/core/terminal/reporter'
import { linesFor } from '@p2p-secure-chat/core/terminal/wrap-lines'
import { typedCommand } from '@p2p-secure-chat/core/terminal/typed-command'
import { answerAll, type Output } from './answer-all.ts'
import { answerObject, atLine, errorLine } from './answer-line.ts'
import { ANSWER_DEADLINE, connectCalculator, type Question } from './client.ts'
import { expressionsFrom } from './expression-arguments.ts'
import { runPrompt } from './prompt.ts'

const calculator = (): Words => ({
  server: 'the server',
  hints: {
    'bad-address': '--host takes a name or an IP address, and --port a number',
    closed: 'calc-server was stopped, or is restarting: check that it runs, then repeat what has no answer',
    cut: 'calc-server has ended, or the network failed: check that it runs, then repeat what has no answer',
    timeout: 'calc-server is busy or hangs, or the network failed: check that it runs, then repeat what has no answer',
    'too-many': 'calc-server is full: wait a moment; see its --help for the limits',
    unreachable: `start it: ${typedCommand('calc-server')}; or give its address with --host and --port`,
    'wrong-protocol': 'check --host and --port: a chat server or another program answers there',
  },
})

export interface ClientOptions {
  readonly host: string
  readonly port: string
  readonly json?: true
  readonly quiet?: true
  readonly record?: string
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
  // Few answers, with errors between them on stderr, are written at once, so that both keep their order on a screen.
  const out = reporter({ json: options.json, quiet: options.quiet, batched: expressions.length === 0 })
  let recording: Recording | null = null
  try {
    const address = parseAddress(options.host, { port: parsePort(options.port) })
    recording = options.record === undefined ? null : await startRecording(options.record, out)
    return await converse(expressions, address, out, recording)
  } catch (error) {
    throw inWordsOf(calculator(), error)
  } finally {
    await recording?.close()
  }
}

async function startRecording(path: string, out: Reporter): Promise<Recording> {
  checkFileName('--record', path)
  const { openRecording } = await import('@p2p-secure-chat/core/net/recording')
  const recording = await openRecording(path, 'calc-client')
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // The second time nothing listens any more, so the signal ends the program as usual.
    process.once(signal, () => void recording.close().finally(() => process.kill(process.pid, signal)))
  }
  out.note(printableLine(recording.notice ?? ''))
  recording.onFailure(error => void reportError(error))
  return recording
}

async function converse(
  expressions: readonly string[],
  address: Address,
  out: Reporter,
  recording: Recording | null,
): Promise<number> {
  const calculator = await retryWhileFull(() => connectCalculator(address, ANSWER_DEADLINE, recording?.tap), {
    onFull: ({ code }) => out.note(`the calculator is full, retrying (${code})`),
  })

  if (expressions.length === 0 && process.stdin.isTTY && process.stdout.isTTY && !out.json) {
    await runPrompt(calculator, address)
    return 0
  }

  let failed = false
  function refuse(error: ChatError): void {
    failed = true
    reportError(error)
  }
  const output: Output = {
    refuse: ({ code, message }, { line }) => refuse(new ChatError(code, atLine(line, message))),
    show(answer) {
      const { evaluation } = answer
      if ('error' in evaluation) failed = true
      if ('result' in evaluation) out.result(answerObject(answer), evaluation.result)
      // Each line of stdin has an answer on stdout; an argument's error goes to stderr, unless a program reads stdout.
      else if (expressions.length === 0 || out.json) {
        out.result(answerObject(answer), linesFor(process.stdout, errorLine(evaluation.error, answer.line)))
      } else refuse(new ChatError(evaluation.error.code, evaluation.error.message))
      return out.drained()
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
