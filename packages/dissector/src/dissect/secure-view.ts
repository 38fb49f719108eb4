import { type Keystream, keystream } from '@p2p-secure-chat/core/cipher/keystream'
import { RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import type { SecureProtocol } from '@p2p-secure-chat/dh-chat/handshake/key-schedule'
import { CONFIRM, IDENTITY } from '@p2p-secure-chat/dh-chat/messages'
import type { Side } from '../capture/stream-event.ts'
import type { Field } from '../message/field.ts'
import { readBatch } from '../message/read-message.ts'
import { handshakeView, NOT_CHECKED } from './handshake-view.ts'
import {
  displacedRecord,
  type Opened,
  plainRecord,
  recentRecords,
  type RecordView,
  type ViewedRecord,
  withoutPlaintext,
} from './record-view.ts'
import { sealedRecordsView } from './sealed-records-view.ts'
import type { Secrets } from './secrets.ts'

/** What a RECORD adds to that: its batch is for the conversation to read. */
export type OpenedFrame = Opened & Partial<Pick<ViewedRecord, 'opened'>>

/** Follows the handshake and the records of one connection. */
export interface SecureView {
  /** Takes each sound frame in order, before it is opened. */
  hear(from: Side, message: Message): void
  /**
   * @param frame a sound IDENTITY, CONFIRM or RECORD
   * @param packet the packet that completed it
   */
  open(from: Side, frame: Uint8Array, packet: number): OpenedFrame
  /** A record of that length went by whose bytes are not all in the capture. */
  pass(from: Side, length: number): void
  /** An unknown number of records of this side went by in that many bytes. */
  lose(from: Side, missing: number): void
}

/** The types whose frames are sealed. */
export const SEALED_TYPES: readonly number[] = [IDENTITY.type, CONFIRM.type, RECORD.type]

export function secureView(protocol: SecureProtocol, keys: Secrets): SecureView {
  const handshake = handshakeView(protocol, keys)
  const records = protocol === 'peer-dh/1' ? dhRecords() : aesRecords()

  return {
    hear: handshake.hear,
    open(from, frame, packet) {
      if (frame[4] === IDENTITY.type) return handshake.identity(from, frame)
      if (frame[4] === CONFIRM.type) return handshake.confirm(frame)
      return { plaintext: null, ...records[from].view(frame, packet, handshake.traffic(from)) }
    },
    pass: (from, length) => records[from].pass(length),
    lose: (from, missing) => records[from].lose(missing),
  }
}

/** What can be said of a sealed frame when no hello has named the protocol. */
export function openNothing(frame: Uint8Array): OpenedFrame {
  return withoutPlaintext(frame[4] === CONFIRM.type ? NOT_CHECKED : 'sealed', [], ['no-key'])
}

type RecordViews = Readonly<Record<Side, RecordView>>

function dhRecords(): RecordViews {
  return { dialler: keystreamRecords(), listener: keystreamRecords() }
}

function aesRecords(): RecordViews {
  const [dialler, listener] = [recentRecords(), recentRecords()]
  return {
    dialler: sealedRecordsView({ own: dialler, others: listener }),
    listener: sealedRecordsView({ own: listener, others: dialler }),
  }
}

/** How much key stream is made at once to pass over what was sent before the key was there, in bytes. */
const STRIDE = 65_536

/**
 * The records of one direction of the dh rung (docs/protocol.md, Records on the dh rung). Nothing in them shows where in
 * the key stream they stand but what was sent before.
 */
function keystreamRecords(): RecordView {
  let offset: number | null = 0
  let stream: Keystream | null = null

  function reveal(secret: Uint8Array, from: number, ciphertext: Uint8Array): Uint8Array {
    stream ??= keystream(secret)
    while (stream.used < from) stream.xor(new Uint8Array(Math.min(STRIDE, from - stream.used)))
    return stream.xor(ciphertext)
  }

  return {
    view(frame, _packet, traffic) {
      const from = offset
      const body = frame.subarray(5)
      if (offset !== null) offset += body.length
      if (from === null) return displacedRecord('sealed', ['malleable'])
      const fields: Field[] = [{ name: 'record.offset', value: String(from), place: null }]
      if (traffic === null) return plainRecord('sealed', fields, ['malleable', 'no-key'])
      const bytes = reveal(traffic.secret, from, body)
      const batch = readBatch(bytes, 'peer-dh/1')
      const codes = batch.whole ? (['malleable'] as const) : (['malleable', 'bad-frame'] as const)
      return { ...plainRecord(`${body.length} bytes`, fields, codes), opened: { bytes, fields: [], batch, batchAt: 0 } }
    },
    pass(length) {
      if (offset !== null) offset += length - 1
    },
    lose() {
      offset = null
    },
  }
}
