import { ChatError, type ErrorCode } from '../errors.ts'

/** What the operating system says when there is no room: on the disk, in the quota, for a file of that size. */
const FULL: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/**
 * Says which file could not be read or written, and why in the words of the operating system: `disk-full` where there
 * was no room for what was written, else the given code.
 */
export function fileError(code: 'unreadable' | 'unwritable', path: string, cause: unknown): ChatError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const full: ErrorCode = code === 'unwritable' && FULL.has(systemCode(cause)) ? 'disk-full' : code
  return new ChatError(full, `${path}: ${reason}`, { cause })
}

/** Does something with a file. @throws {ChatError} as fileError() makes it of what the operating system says */
export async function attempt<T>(code: 'unreadable' | 'unwritable', path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw cause instanceof ChatError ? cause : fileError(code, path, cause)
  }
}

/** The operating system's name of an error, such as `ENOENT`; null for any other error. */
export function systemCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
}
