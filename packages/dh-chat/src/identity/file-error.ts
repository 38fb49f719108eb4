import { ChatError } from '@p2p-secure-chat/core/errors'

/** Says which file could not be read or written, and why in the words of the operating system. */
export function fileError(code: 'unreadable' | 'unwritable', path: string, cause: unknown): ChatError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new ChatError(code, `${path}: ${reason}`, { cause })
}

/** Whether the operating system gave this as the reason, such as `ENOENT`. */
export function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
