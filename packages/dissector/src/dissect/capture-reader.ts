import { captureDecoder } from '../capture/capture-decoder.ts'
import type { CaptureItem } from '../capture/capture-item.ts'
import type { StreamEvent } from '../capture/stream-event.ts'
import { streams } from '../capture/streams.ts'
import { dissector } from './dissector.ts'
import type { Observation } from './observation.ts'
import type { Secrets } from './secrets.ts'

/** From the bytes of a capture file to what is seen in it. Memory does not grow with the file. */
export interface CaptureReader {
  /** @throws {ChatError} `bad-capture` if the bytes are not a capture */
  push(chunk: Uint8Array): void
  /** The file is over. @throws {ChatError} `bad-capture` if it was not a capture */
  end(): void
  /** Nobody wants the rest of it: what was seen so far is brought to its end. */
  stop(): void
  readonly packets: number
  /** TCP connections of all kinds. */
  readonly connections: number
  /** Of these, those whose beginning is not in the capture. */
  readonly headless: number
  /** When the first packet was recorded, in nanoseconds since 1970; null where nothing says so. */
  readonly start: bigint | null
}

/**
 * @param keys the lines of packet comments are added to it as they come
 * @param deliver called at once for all that is seen
 */
export function captureReader(keys: Secrets, deliver: (seen: Observation) => void): CaptureReader {
  const decoder = captureDecoder()
  const put = streams()
  const dissect = dissector(keys)
  let packets = 0
  let connections = 0
  let headless = 0
  let start: bigint | null = null

  function takeItem(item: CaptureItem): void {
    if ('what' in item) {
      const at = { packet: item.packet, time: null }
      if (!item.cutOff) return takeEvent({ kind: 'odd', at, what: item.what })
      return deliver({ kind: 'finding', at, connection: null, finding: { code: 'gap', detail: item.what } })
    }
    packets += 1
    start ??= item.time
    for (const comment of item.comments) addKeys(comment)
    put.push(item, takeEvent)
  }

  /** Comments that people wrote do not count as garbage. */
  function addKeys(comment: string): void {
    const lines = comment.split('\n').filter(line => line.trimStart().startsWith('P2PC_'))
    keys.add(lines.join('\n'))
  }

  function takeEvent(event: StreamEvent): void {
    if (event.kind === 'open') {
      connections += 1
      if (!event.connection.whole) headless += 1
    }
    dissect.push(event, deliver)
  }

  function stop(): void {
    put.end(takeEvent)
    dissect.end(deliver)
  }

  return {
    push: chunk => decoder.push(chunk, takeItem),
    end() {
      decoder.end(takeItem)
      stop()
    },
    stop,
    get packets() {
      return packets
    },
    get connections() {
      return connections
    },
    get headless() {
      return headless
    },
    get start() {
      return start
    },
  }
}
