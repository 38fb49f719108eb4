import { closeSync, openSync, writeSync } from 'node:fs'
import { tcpConversation } from '@p2p-secure-chat/core/capture/tcp-conversation'
import { FILE_CHUNK } from '@p2p-secure-chat/basic-p2p/messages/files'
import { GOODBYE } from '@p2p-secure-chat/core/wire/common-messages'
import { pcapFile, pcapRecord } from './capture-file.ts'
import { secureConversation } from './secure-conversation.ts'

/** Bytes of a file in one message, as much as there may be. */
const CHUNK_BYTES = 64_512

/**
 * Writes the capture of a chat in sealed records in which a file is sent.
 *
 * @param size bytes of the file
 * @returns the key log that opens it
 */
export function writeLargeCapture(path: string, size: number): string {
  const talk = secureConversation('peer-aes/1')
  const file = openSync(path, 'w')
  writeSync(file, pcapFile([], { linkType: 101 }))
  const connection = tcpConversation({
    ends: { dialler: { host: '10.0.0.2', port: 50_000 }, listener: { host: '10.0.0.3', port: 40_001 } },
    first: { dialler: 1, listener: 2 },
    deliver: bytes => writeSync(file, pcapRecord({ bytes })),
  })
  for (const { from, bytes } of talk.handshake) connection.say(from, bytes)
  for (let offset = 0; offset < size; offset += CHUNK_BYTES) {
    const body = Buffer.alloc(12 + CHUNK_BYTES, offset / CHUNK_BYTES)
    body.writeUInt32BE(1, 0)
    body.writeBigUInt64BE(BigInt(offset), 4)
    connection.say('dialler', talk.record('dialler', { type: FILE_CHUNK.type, body }).bytes)
  }
  for (const side of ['dialler', 'listener'] as const) {
    connection.say(side, talk.record(side, { type: GOODBYE.type, body: new Uint8Array(0) }).bytes)
    connection.end(side)
  }
  closeSync(file)
  return talk.lines
}
