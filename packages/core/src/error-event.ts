import { type ChatError, type ErrorCode, ERRORS } from './errors.ts'

/** What `--json` says of an error. */
export interface ErrorEvent extends OwnHint {
  readonly event: 'error'
  readonly code: ErrorCode
  readonly message: string
  /** Whom it is about, where that is known and matters. */
  readonly peer?: string
}

/** What to do about an error, where that is not what the hint of its code says. */
export interface OwnHint {
  readonly hint?: string
}

/** The same of every error, before a client is ready and afterwards. */
export function errorEvent(error: ChatError): ErrorEvent {
  const { code, message, peer } = error
  return { event: 'error', code, message, ...ownHint(error), ...(peer === null ? {} : { peer }) }
}

/** For every event that tells of an error: its hint must not be lost on the way. */
export function ownHint({ code, hint }: ChatError): OwnHint {
  return hint === ERRORS[code].hint ? {} : { hint }
}
