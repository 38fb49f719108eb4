import { ChatError, type ErrorCode } from '@p2p-secure-chat/core/errors'

/** What to do about the end of a connection, where the usual advice speaks of chats. */
const HINTS: Partial<Readonly<Record<ErrorCode, string>>> = {
  closed: 'calc-server was stopped, or starts again: see that it runs, then repeat what has no answer',
  cut: 'calc-server has ended, or the network failed: see that it runs, then repeat what has no answer',
  timeout:
    'calc-server is too busy or stopped, or the network failed: see that it runs, then repeat what has no answer',
  'too-many': 'calc-server serves as many as it can: wait a moment; its --help names the limits',
  unreachable: 'start calc-server, or say with --host and --port where it runs',
  'wrong-protocol': 'check --host and --port: a chat server or another program answers there',
}

/** What ended a connection to a calculator, as its user understands it; anything else as it is. */
export function inWordsOfCalculator(thrown: unknown): unknown {
  if (!(thrown instanceof ChatError)) return thrown
  const hint = HINTS[thrown.code] ?? thrown.hint
  const message = thrown.message.replace('the other side', 'the server')
  return new ChatError(thrown.code, message, { cause: thrown, hint: hint.replace('the other side', 'the server') })
}
