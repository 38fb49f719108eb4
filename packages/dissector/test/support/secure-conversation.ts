import { readFileSync } from 'node:fs'
import { sealedRecords } from '@p2p-secure-chat/aes-chat/sealed-records'
import { encodeFrame, type Message } from '@p2p-secure-chat/core/wire/frame'
import { RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import type { RecordProtection } from '@p2p-secure-chat/core/wire/record-channel'
import { keystreamProtection } from '@p2p-secure-chat/dh-chat/keystream-protection'
import type { HandshakeVector } from '../../../dh-chat/test/support/handshake-vectors.ts'
import type { Side } from '../../src/capture/stream-event.ts'
import { type Secrets, secretsOf } from '../../src/dissect/secrets.ts'
import type { Said } from './streams.ts'

/** Whole handshakes of alice, who dials, and bob. */
export const handshakes: readonly HandshakeVector[] = JSON.parse(
  readFileSync(new URL('../../../dh-chat/test/vectors/handshake.json', import.meta.url), 'utf8'),
)

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))

export interface SecureConversation {
  /** The frames of the handshake, hellos included. */
  readonly handshake: readonly Said[]
  /** The lines that a client writes into its key log. */
  readonly lines: string
  /** The same, read. */
  keys(): Secrets
  /** One record with these messages, sealed by the code of that rung. */
  record(from: Side, ...messages: readonly Message[]): Said
}

/** @param updateAfter records after which the aes rung replaces its secrets */
export function secureConversation(protocol: HandshakeVector['protocol'], updateAfter = 1_000): SecureConversation {
  const vector = handshakes.find(candidate => candidate.protocol === protocol)
  if (vector === undefined) throw new Error(`no handshake of ${protocol}`)
  return talkOf(vector, updateAfter)
}

export function talkOf(vector: HandshakeVector, updateAfter = 1_000): SecureConversation {
  const { T1, T3, handshakeSecret, sessionSecret, trafficSecret } = vector
  const lines = `P2PC_HANDSHAKE_SECRET ${T1.hash} ${handshakeSecret}\nP2PC_SESSION_SECRET ${T3.hash} ${sessionSecret}\n`
  const protect = (send: string, receive: string, sendDirection: 0 | 1): RecordProtection =>
    vector.protocol === 'peer-dh/1'
      ? keystreamProtection({ send: hex(send), receive: hex(receive) })
      : sealedRecords({ sendSecret: hex(send), receiveSecret: hex(receive), sendDirection, updateAfter })
  const protections = {
    dialler: protect(trafficSecret.initiator, trafficSecret.responder, 0),
    listener: protect(trafficSecret.responder, trafficSecret.initiator, 1),
  }
  return {
    handshake: vector.frames.map(({ from, frame }) => ({
      from: from === 'initiator' ? 'dialler' : 'listener',
      bytes: hex(frame),
    })),
    lines,
    keys: () => secretsOf(lines),
    record(from, ...messages) {
      const batch = Buffer.concat(messages.map(encodeFrame))
      return { from, bytes: encodeFrame({ type: RECORD.type, body: protections[from].seal(batch) }) }
    },
  }
}
