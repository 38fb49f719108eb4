import { appendFileSync } from 'node:fs'
import type { KeyLog } from '@p2p-secure-chat/core/files/disclosure'
import { ChatError, rethrowUnless } from '@p2p-secure-chat/core/errors'
import { cutBack } from '@p2p-secure-chat/core/files/background-writer'
import { fileError } from '@p2p-secure-chat/core/files/file-error'
import { openNewFile } from '@p2p-secure-chat/core/files/new-file'
import { keyLogLine } from './key-log-line.ts'

const HEAD = `# Key log of p2p-secure-chat (docs/protocol.md, Key log).
# Whoever has this file and a capture of the connections can read everything that was said on them, at any time: it voids
# forward secrecy. Keep it to yourself, and remove it when you are done.
`

/**
 * Begins a key log in a new file of mode 0600. A line is in the file before its handshake goes on, so before there is a
 * record that it opens: whoever reads a capture as it grows finds it. A chat goes on when a line cannot be written, and
 * says so: no line was promised to the peer.
 *
 * @throws {ChatError} `unwritable`, also for a file that exists already; `disk-full`
 */
export async function openKeyLog(path: string): Promise<KeyLog> {
  const file = await openNewFile(path, Buffer.from(HEAD))
  let size = 0
  let holdsSecrets = false
  let failure: ChatError | null = null
  let report: (error: ChatError) => void = () => undefined

  /** All of it or nothing. */
  function append(text: string): void {
    try {
      appendFileSync(file.fd, text)
      size += text.length
    } catch (cause) {
      cutBack(file.fd, size)
      throw fileError('unwritable', path, cause)
    }
  }

  function giveUp(error: unknown): void {
    rethrowUnless(error)
    failure = new ChatError(error.code, `the key log ends here, and the chat goes on: ${error.message}`, {
      cause: error,
      hint: error.hint,
    })
    report(failure)
  }

  try {
    append(HEAD)
  } catch (error) {
    await file.discard().catch(() => undefined)
    throw error
  }
  return {
    get notice() {
      if (failure !== null) return null
      return `the keys go into ${path}: anyone who has it can read a capture, now and later${file.remark}`
    },
    onFailure(tell) {
      report = tell
      if (failure !== null) tell(failure)
    },
    onSecret(kind, transcriptHash, secret) {
      if (failure !== null) return
      try {
        append(keyLogLine(kind, transcriptHash, secret))
        holdsSecrets = true
      } catch (error) {
        giveUp(error)
      }
    },
    async close() {
      try {
        await (holdsSecrets ? file.close() : file.discard())
      } catch (cause) {
        giveUp(fileError('unwritable', path, cause))
      }
    },
  }
}
