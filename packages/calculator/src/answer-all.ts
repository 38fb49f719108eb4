import { ChatError, rethrowUnless } from '@p2p-secure-chat/core/errors'
import type { Answer, Calculator, Question } from './client.ts'

/** Where answers go. */
export interface Output {
  /** When it returns a promise, that settles when there is room for another answer. */
  show(answer: Answer): Promise<unknown> | undefined
  /** Reports an expression that cannot be asked; the others go on. */
  refuse(error: ChatError, question: Question): void
}

/**
 * Asks everything and shows each answer as it comes, in order, without waiting for one answer before the next question.
 * Ends with a goodbye after the last answer, or at once when the connection fails.
 *
 * @throws {ChatError} what ended the connection
 */
export async function answerAll(
  calculator: Calculator,
  questions: AsyncIterable<Question> | Iterable<Question>,
  output: Output,
): Promise<void> {
  async function asking(): Promise<void> {
    for await (const question of questions) {
      try {
        await calculator.ask(question.expression, question.line)
      } catch (error) {
        rethrowUnless(error, 'too-large')
        output.refuse(error, question)
      }
    }
    await calculator.close()
  }

  async function showing(): Promise<void> {
    for (let next = await calculator.answer(); next !== null; next = await calculator.answer()) {
      await output.show(next)
    }
  }

  await Promise.all([asking(), showing()])
}
