import { constants } from 'node:fs'
import { fileError } from '@p2p-secure-chat/basic-p2p/files/file-error'
import { openRegularFile } from '@p2p-secure-chat/basic-p2p/files/open-regular-file'
import { captureDecoder } from '../capture/capture-decoder.ts'
import type { CaptureItem } from '../capture/capture-item.ts'
import { streams } from '../capture/streams.ts'
import { dissector } from '../dissect/dissector.ts'
import { keyLog } from '../dissect/key-log.ts'
import type { Pass } from './crack.ts'

/**
 * Makes passes over a capture file: packets, their TCP streams, and what was said in those. Memory does not grow with
 * the file.
 *
 * @returns a pass that throws ChatError `unreadable` and `bad-capture`
 */
export function capturePasses(path: string): Pass {
  return async (keyLogLines, deliver) => {
    const keys = keyLog()
    keys.add(keyLogLines)
    const [decoder, connections, seen] = [captureDecoder(), streams(), dissector(keys)]

    function take(item: CaptureItem): void {
      // What could not be read is chat-lab read's to tell.
      if ('bytes' in item) connections.push(item, event => seen.push(event, deliver))
    }

    for await (const chunk of chunksOf(path)) decoder.push(chunk, take)
    decoder.end(take)
    connections.end(event => seen.push(event, deliver))
    seen.end(deliver)
  }
}

async function* chunksOf(path: string): AsyncGenerator<Uint8Array, void, void> {
  const handle = await openRegularFile(path, constants.O_RDONLY).catch((cause: unknown) => {
    throw fileError('unreadable', path, cause)
  })
  // The stream closes the file, also where nobody reads to its end.
  const chunks: AsyncIterable<Buffer> = handle.createReadStream()
  try {
    yield* chunks
  } catch (cause) {
    throw fileError('unreadable', path, cause)
  }
}
