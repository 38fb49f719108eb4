import { tcpConversation } from '@p2p-secure-chat/core/capture/tcp-conversation'
import { expect, test } from 'vitest'
import { captureReader } from '../../src/dissect/capture-reader.ts'
import { secretsOf } from '../../src/dissect/secrets.ts'
import { evidenceCollector } from '../../src/exchange/evidence-collector.ts'
import { pcapFile, pcapRecord } from '../support/capture-file.ts'
import { bytesInUse } from '../support/heap.ts'
import { ipv4 } from '../support/packets.ts'
import { secureConversation } from '../support/secure-conversation.ts'
import type { Said } from '../support/streams.ts'

const MIB = 1_048_576

/** As much of a file as is read at once. */
const CHUNK_BYTES = 262_144

const CONNECTIONS = 200

/** What is kept of all of them; their pieces of the file have 50. */
const LIMIT_MIB = 15

/** A packet of another protocol, which only takes room. */
const FILLER = pcapRecord({ bytes: ipv4({}, new Uint8Array(60_000), { protocol: 17 }) })

/** The beginning of a connection, in a piece of the file of its own. */
function chunkOf(number: number, said: readonly Said[]): Buffer {
  const records: Uint8Array[] = []
  const talk = tcpConversation({
    ends: { dialler: { host: '10.0.0.2', port: 40_000 + number }, listener: { host: '10.0.0.1', port: 10_000 } },
    first: { dialler: 1, listener: 2 },
    deliver: bytes => records.push(pcapRecord({ bytes })),
  })
  for (const { from, bytes } of said) talk.say(from, bytes)
  return Buffer.concat([...records, FILLER, FILLER, FILLER, FILLER])
}

const { handshake } = secureConversation('peer-aes/1')
const foreign = [{ from: 'dialler', bytes: Buffer.alloc(100, 'x') }] as const

test.each([
  ['bytes of which nobody knows yet what they are', foreign],
  ['hellos', handshake.slice(0, 2)],
  ['handshakes', handshake],
])('%s do not keep the piece of the file that they came in', (_, said) => {
  const collector = evidenceCollector()
  const reader = captureReader(secretsOf(), seen => collector.see(seen))
  reader.push(Buffer.from(pcapFile([], { linkType: 101 })))
  const before = bytesInUse()
  for (let number = 0; number < CONNECTIONS; number += 1) {
    const chunk = chunkOf(number, said)
    expect(chunk.length).toBeGreaterThan(0.9 * CHUNK_BYTES)
    reader.push(chunk)
  }
  expect((bytesInUse() - before) / MIB).toBeLessThan(LIMIT_MIB)
  // Not before: what is not in use any more cannot keep anything.
  reader.end()
  expect(reader.connections).toBe(CONNECTIONS)
  expect(collector.ignored).toBe(0)
})
