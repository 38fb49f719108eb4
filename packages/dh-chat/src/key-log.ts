import { appendFileSync } from 'node:fs'
import type { KeyLog } from '@p2p-secure-chat/core/files/disclosure'
import { ChatError, rethrowUnless } from '@p2p-secure-chat/core/errors'
import { cutBack } from '@p2p-secure-chat/core/files/background-writer'
import { fileError } from '@p2p-secure-chat/core/files/file-error'
import { openNewFile } from '@p2p-secure-chat/core/files/new-file'

const HEAD = `# Key log of p2p-secure-chat (docs/protocol.md, Key log).
# Anyone who has this file and a capture of the connections can read everything said on them, at any time: it voids
# forward secrecy. Keep it to yourself, and remove it when you are done.
`

/**
 * Begins a key log in a new file of mode 0600. Each line is written before its handshake continues, and so before the
 * first record that it opens: a reader of a growing capture always finds it. When a line cannot be written, the key log
 * ends with a report and the chat goes on.
 *
 * @throws {ChatError} `unwritable`, also for an existing file; `disk-full`
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
    failure = new ChatError(error.code, `the key log ends here, the chat goes on: ${error.message}`, {
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

/** The first word of a line: which hash and which secret follow. */
const LABELS = { handshake: 'P2PC_HANDSHAKE_SECRET', session: 'P2PC_SESSION_SECRET' } as const

/**
 * One line of a key log, including its end (docs/protocol.md, Key log).
 *
 * @param transcriptHash H(T1) for the handshake secret, H(T3) for the session secret, 32 bytes
 * @param secret 32 bytes
 */
export function keyLogLine(kind: keyof typeof LABELS, transcriptHash: Uint8Array, secret: Uint8Array): string {
  return `${LABELS[kind]} ${toHex(transcriptHash)} ${toHex(secret)}\n`
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
