import { tcpConversation } from '@p2p-secure-chat/core/capture/tcp-conversation'
import type { Endpoint } from '../../src/capture/segment.ts'
import { type Recorded, pcapFile } from './capture-file.ts'
import type { Said } from './streams.ts'

export interface RecordedTalk {
  readonly dialler: Endpoint
  readonly listener: Endpoint
  readonly said: readonly Said[]
}

const START = 1_700_000_000_000_000_000n
const MILLISECOND = 1_000_000n

/** The packets of whole connections, one after the other and a millisecond each. */
export function packetsOf(talks: readonly RecordedTalk[]): Recorded[] {
  const packets: Recorded[] = []
  const deliver = (bytes: Uint8Array) => {
    packets.push({ bytes, time: START + BigInt(packets.length) * MILLISECOND })
  }
  for (const [i, { dialler, listener, said }] of talks.entries()) {
    const first = { dialler: 1_000 * i, listener: 4_294_967_000 }
    const connection = tcpConversation({ ends: { dialler, listener }, first, deliver })
    for (const { from, bytes } of said) connection.say(from, bytes)
    connection.end('dialler')
    connection.end('listener')
  }
  return packets
}

/** A capture of whole connections, without link-layer headers. */
export function captureOf(...talks: readonly RecordedTalk[]): Uint8Array {
  return pcapFile(packetsOf(talks), { linkType: 101 })
}
