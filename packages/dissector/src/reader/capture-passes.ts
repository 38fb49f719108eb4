import { secretsOf } from '../dissect/secrets.ts'
import { captureReader } from './capture-reader.ts'
import { chunksOf, openCapture } from './input.ts'
import type { Observation } from '../dissect/observation.ts'

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
