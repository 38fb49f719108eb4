import { type ChatError, type ErrorCode, ERRORS } from './errors.ts'

/** What `--json` says of an error. */
export interface ErrorEvent {
  readonly event: 'error'
  readonly code: ErrorCode
  readonly message: string
  /** What to do about it, where that is not what the code's own hint says. */
  readonly hint?: string
  /** Whom it is about, where that is known and matters. */
  readonly peer?: string
}

/** The same of every error, before a client is ready and afterwards. */
export function errorEvent(error: ChatError): ErrorEvent {
  const { code, message, peer } = error
  return { event: 'error', code, message, ...ownHint(error), ...(peer === null ? {} : { peer }) }
}

/** The hint of an error, where it is not that of its code. */
export function ownHint({ code, hint }: ChatError): Pick<ErrorEvent, 'hint'> {
  return hint === ERRORS[code].hint ? {} : { hint }
}
