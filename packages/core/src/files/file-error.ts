import { getSystemErrorMap } from 'node:util'
import { ChatError, type ErrorCode } from '../errors.ts'

/** What the operating system says when there is no room: on the disk, in the quota, for a file of that size. */
const FULL: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** Where the words of the operating system say little about a file. */
const PLAINER: Readonly<Record<string, string>> = {
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  ELOOP: 'its symbolic links lead nowhere',
  ENXIO: 'it is not a regular file',
}

/**
 * Says which file could not be read or written, and why: `disk-full` where there was no room for what was written, else
 * the given code.
 */
export function fileError(code: 'unreadable' | 'unwritable', path: string, cause: unknown): ChatError {
  const full: ErrorCode = code === 'unwritable' && FULL.has(systemCode(cause)) ? 'disk-full' : code
  return new ChatError(full, `cannot ${code === 'unreadable' ? 'read' : 'write'} ${path}: ${reasonOf(cause)}`, {
    cause,
  })
}

/** What went wrong, in words: the message of a system error holds its code, the call and the path as well. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const plainer = PLAINER[systemCode(cause) ?? '']
  if (plainer !== undefined) return plainer
  const known = 'errno' in cause && typeof cause.errno === 'number' ? getSystemErrorMap().get(cause.errno) : undefined
  return known?.[1] ?? cause.message
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
