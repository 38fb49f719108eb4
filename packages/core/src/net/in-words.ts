import { ChatError, type ErrorCode, ERRORS } from '../errors.ts'

/** How the users of one kind of server call it, and what they can do, where the usual advice is about peers. */
export interface Words {
  readonly server: string
  readonly hints: Partial<Readonly<Record<ErrorCode, string>>>
}

/** What ended a connection to a server, in the words of its users; what is no ChatError comes back as it is. */
export function inWordsOf({ server, hints }: Words, thrown: unknown): unknown {
  if (!(thrown instanceof ChatError)) return thrown
  const { code } = thrown
  const usual = thrown.hint === ERRORS[code].hint
  const hint = (usual ? hints[code] : undefined) ?? thrown.hint
  return new ChatError(code, named(thrown.message, server), { cause: thrown, hint: named(hint, server) })
}

function named(text: string, server: string): string {
  return text.replace('the other side', server)
}
