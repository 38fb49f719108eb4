import { ChatError } from '@p2p-secure-chat/core/errors'
import type { ResultCode } from '../messages/files.ts'
import { FILES_AT_ONCE, WINDOW } from './window.ts'

/**
 * How the latest files of a peer ended at our side. A sender has no more files under way than FILES_AT_ONCE, so no more of
 * them can end without its knowing.
 */
export interface EndedFiles {
  /** @param connection on which it was offered, counted in the conversation */
  add(id: number, code: ResultCode, connection: number): void
  /** How a file ended that is offered again on a later connection, once for each; undefined if it is not such a file. */
  resultOf(id: number, connection: number): ResultCode | undefined
  /**
   * Lets bytes pass that were under way when the file ended, a window of them.
   *
   * @throws {ChatError} `bad-message` for more, and for any other file
   */
  takeLate(id: number, bytes: number): void
}

export function endedFiles(): EndedFiles {
  const latest = new Map<number, { readonly code: ResultCode; connection: number; lateBytes: number }>()

  return {
    add(id, code, connection) {
      latest.set(id, { code, connection, lateBytes: WINDOW })
      const [oldest] = latest.keys()
      if (latest.size > FILES_AT_ONCE && oldest !== undefined) latest.delete(oldest)
    },
    resultOf(id, connection) {
      const file = latest.get(id)
      if (file === undefined || file.connection >= connection) return undefined
      file.connection = connection
      return file.code
    },
    takeLate(id, bytes) {
      const file = latest.get(id)
      if (file === undefined || bytes > file.lateBytes) {
        throw new ChatError('bad-message', `bytes of file ${id}, which is not under way`)
      }
      file.lateBytes -= bytes
    },
  }
}
