import { constants, createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { attempt, fileError } from '@p2p-secure-chat/core/files/file-error'
import { openRegularFile } from '@p2p-secure-chat/core/files/regular-file'
import { readSmall } from '@p2p-secure-chat/core/files/read-small'
import { typedCommand } from '@p2p-secure-chat/core/terminal/typed-command'
import { captureReader } from '../dissect/capture-reader.ts'
import type { Observation } from '../dissect/observation.ts'
import { SECRET_LIMIT, secretsOf } from '../dissect/secrets.ts'

/** How much of a file is read at once, in bytes. */
const CHUNK_BYTES = 262_144

/** Most bytes of a key log: the lines of all secrets that are kept, at most 152 bytes each, and some comments. */
const MAX_KEY_LOG_BYTES = 160 * SECRET_LIMIT

/** The name that means stdin. */
const STDIN = '-'

/**
 * Opens a capture.
 *
 * @param path a regular file, or `-` for stdin
 * @throws {ChatError} `unreadable`
 */
export async function openCapture(path: string): Promise<Readable> {
  if (path === STDIN) return process.stdin
  const handle = await attempt('unreadable', path, () => openRegularFile(path, constants.O_RDONLY)).catch(
    async (error: ChatError) => {
      const pipe = (await stat(path).catch(() => null))?.isFIFO() === true
      const hint = `pipe it into ${typedCommand('chat-lab', 'read -')}, or save it as a file`
      throw pipe ? new ChatError('unreadable', `${path} is a pipe`, { cause: error, hint }) : error
    },
  )
  return handle.createReadStream({ highWaterMark: CHUNK_BYTES })
}

/**
 * The bytes of a capture as they come. What fails while they are dealt with is not the file's fault, and stays as it is.
 *
 * @param path what the file is called where it cannot be read
 * @throws {ChatError} `unreadable`
 */
export async function* chunksOf(input: Readable, path: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of input) yield chunk
  } catch (cause) {
    throw fileError('unreadable', path, cause)
  }
}

/**
 * Reads a whole key log, which may come through a pipe.
 *
 * @throws {ChatError} `unreadable`, also when it is too large
 */
export async function readKeyLog(path: string): Promise<string> {
  const content = await attempt('unreadable', path, () => readSmall(createReadStream(path), MAX_KEY_LOG_BYTES))
  if (content.length > MAX_KEY_LOG_BYTES) {
    throw new ChatError('unreadable', `${path} is larger than ${MAX_KEY_LOG_BYTES / 1e6} MB`)
  }
  return content.toString('utf8')
}

/**
 * One pass over a capture.
 *
 * @param keyLog lines of a key log; what they open is shown opened
 * @param deliver given each observation, in the order of the capture
 */
export type CapturePass = (keyLog: string, deliver: (seen: Observation) => void) => Promise<void>

/**
 * Makes passes over a capture file. Memory does not grow with the file.
 *
 * @returns a pass that throws ChatError `unreadable` and `bad-capture`
 */
export function capturePasses(path: string): CapturePass {
  return async (keyLogLines, deliver) => {
    const keys = secretsOf(keyLogLines)
    const input = await openCapture(path)
    const reader = captureReader(keys, deliver)
    for await (const chunk of chunksOf(input, path)) reader.push(chunk)
    reader.end()
  }
}
