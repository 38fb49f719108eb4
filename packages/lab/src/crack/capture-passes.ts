import { secretsOf } from '../dissect/secrets.ts'
import { captureReader } from '../reader/capture-reader.ts'
import { chunksOf, openCapture } from '../reader/input.ts'
import type { Pass } from './crack.ts'

/**
 * Makes passes over a capture file. Memory does not grow with the file.
 *
 * @returns a pass that throws ChatError `unreadable` and `bad-capture`
 */
export function capturePasses(path: string): Pass {
  return async (keyLogLines, deliver) => {
    const keys = secretsOf(keyLogLines)
    const input = await openCapture(path)
    const reader = captureReader(keys, deliver)
    for await (const chunk of chunksOf(input, path)) reader.push(chunk)
    reader.end()
  }
}
