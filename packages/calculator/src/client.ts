import type { Evaluation } from '@p2p-secure-chat/core/calc/evaluate'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Address } from '@p2p-secure-chat/core/net/address'
import { conclude } from '@p2p-secure-chat/core/net/conclude'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import { dial } from '@p2p-secure-chat/core/net/dial'
import { patience, clock } from '@p2p-secure-chat/core/net/patience'
import { socketChannel, type TapSocket } from '@p2p-secure-chat/core/net/socket-channel'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { withGoodbye } from '@p2p-secure-chat/core/wire/goodbye'
import { exchangeHello, HELLO_DEADLINE } from '@p2p-secure-chat/core/wire/hello'
import { withKeepalive } from '@p2p-secure-chat/core/wire/keepalive'
import { calculatorLimits, evaluateMessage, readResult } from './messages.ts'

/** Expressions that may be on their way or wait for their reader at once: enough to keep both sides busy. */
const WINDOW = 1_024

/** How long the server may let us wait for the next answer, in milliseconds. */
export const ANSWER_DEADLINE = 10_000

/** An expression, and the line of the input that it is, counted from 1, where it is one. */
export interface Question {
  readonly expression: string
  readonly line?: number | undefined
}

/** A question and what it comes to. */
export interface Answer extends Question {
  readonly evaluation: Evaluation
}

/** A connection to a calculator. Questions and answers flow independently, in order; failure sticks. */
export interface Calculator {
  /**
   * Takes an expression for evaluation; settles when there is room for another. One ask() at a time.
   *
   * @param line comes back with the answer
   *
   * @throws {ChatError} `too-large` when the expression does not fit into a message (others may follow), or what ended
   * the connection
   */
  ask(expression: string, line?: number): Promise<void>

  /**
   * The next answer; null when all are given after close(). One answer() at a time.
   *
   * @throws {ChatError} what ended the connection
   */
  answer(): Promise<Answer | null>

  /** Says goodbye: no further questions. The answers to those asked still come. */
  close(): Promise<void>
}

/**
 * Connects to a calculator.
 *
 * @param deadline how long to wait for each answer, in milliseconds
 * @param tap watches the connection
 * @throws {ChatError} `unreachable`, `bad-address`, `wrong-protocol`, `wrong-version`, `timeout`, `cut`
 */
export async function connectCalculator(
  address: Address,
  deadline = ANSWER_DEADLINE,
  tap?: TapSocket,
): Promise<Calculator> {
  const socket = await dial(address)
  const raw = socketChannel(socket, calculatorLimits, tap?.(socket, true))
  try {
    await withDeadline(exchangeHello(raw, { protocol: 'calc/1' }), HELLO_DEADLINE, 'the hello')
  } catch (error) {
    raw.abort(new ChatError('closed', 'given up'))
    throw error
  }
  const channel = withKeepalive(withGoodbye(raw), clock)

  const asked: (Question & { readonly id: number })[] = []
  let nextId = 0
  let closing = false
  let reading = false
  let wakeAsker: (() => void) | null = null

  const wait = patience()

  function late(): void {
    if (reading) raw.abort(new ChatError('timeout', `no answer came within ${deadline / 1000} seconds`))
  }

  /** Begins when the server has something to answer and somebody reads it. */
  function expectAnswer(): void {
    if (!reading || (asked.length === 0 && !closing)) return
    wait.begin(deadline, late)
  }

  function take(message: Message): Answer {
    const { id, evaluation } = readResult(message)
    const question = asked.shift()
    if (question?.id !== id) throw new ChatError('unexpected-message', `answer ${id} was not due`)
    return { expression: question.expression, line: question.line, evaluation }
  }

  async function receive(): Promise<Answer | null> {
    const message = await channel.receive()
    if (message !== null) return take(message)
    if (!closing || asked.length > 0) throw new ChatError('closed', 'the server said goodbye')
    await conclude(channel, null)
    return null
  }

  return {
    async ask(expression, line) {
      while (asked.length >= WINDOW) await new Promise<void>(resolve => (wakeAsker = resolve))
      const message = evaluateMessage(nextId, expression)
      asked.push({ id: nextId, expression, line })
      if (asked.length === 1) expectAnswer()
      nextId += 1
      await channel.send(message)
    },

    async answer() {
      reading = true
      expectAnswer()
      try {
        return await receive()
      } catch (error) {
        asked.length = 0
        if (error instanceof ChatError) raw.abort(error)
        throw error
      } finally {
        reading = false
        if (asked.length === 0) wait.end()
        wakeAsker?.()
      }
    },

    async close() {
      closing = true
      expectAnswer()
      await channel.close()
    },
  }
}
