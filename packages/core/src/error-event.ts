import { type ChatError, type ErrorCode, ERRORS } from './errors.ts'

/** What `--json` says of an error. */
export interface ErrorEvent {
  readonly event: 'error'
  readonly code: ErrorCode
  readonly message: string
  /** What to do about it, where that is not what the code's own hint says. */
  readonly hint?: string
}

/** The same of every error, before a client is ready and afterwards. */
export function errorEvent({ code, message, hint }: ChatError): ErrorEvent {
  return { event: 'error', code, message, ...(hint === ERRORS[code].hint ? {} : { hint }) }
}
