import { HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'
import type { Protocol } from '@p2p-secure-chat/core/wire/hello'
import { ANSWER, CONFIRM, HELLO, IDENTITY, OFFER, RECORD } from '@p2p-secure-chat/core/wire/message-types'
import type { SecureProtocol } from '@p2p-secure-chat/dh-chat/handshake/key-schedule'
import type { Connection, Moment, Side } from '../capture/stream-event.ts'
import { answers } from './answers.ts'
import type { Field } from './field.ts'
import type { Finding } from './finding.ts'
import { isProtocol, limitsOf } from './frame-limits.ts'
import { type FrameSplitter, frameSplitter, type Piece } from './frame-splitter.ts'
import { viewGroup } from './group-view.ts'
import { handshakeView, type HandshakeView } from './handshake-view.ts'
import type { BatchFrame } from './inner-frames.ts'
import type { KeyLog } from './key-log.ts'
import { keystreamRecords } from './keystream-records.ts'
import type { InnerFrame, Observation, SeenFrame } from './observation.ts'
import { type Opened, sealed } from './opened.ts'
import { partings } from './partings.ts'
import { type ReadMessage, readMessage } from './read-message.ts'
import type { RecordView } from './record-view.ts'
import { recentRecords } from './recent-records.ts'
import { sealedRecordsView } from './sealed-records-view.ts'

type Deliver = (seen: Observation) => void

/** What follows one connection, whatever is spoken on it. */
export interface Follower {
  bytes(at: Moment, from: Side, bytes: Uint8Array, deliver: Deliver): void
  gap(at: Moment, from: Side, missing: number, deliver: Deliver): void
  /** @param how each direction ended; null: the capture is over before the connection is */
  end(at: Moment, how: Readonly<Record<Side, 'fin' | 'reset'>> | null, deliver: Deliver): void
}

export interface ConversationOptions {
  readonly connection: Connection
  readonly keys: KeyLog
  /** The sides whose first byte in the capture is the first of a frame. */
  readonly aligned: readonly Side[]
}

/** What belongs to one protocol and begins when a hello has named it. */
interface Secure {
  readonly protocol: SecureProtocol
  readonly handshake: HandshakeView
  readonly records: Readonly<Record<Side, RecordView>>
}

/** Follows one connection on which frames of ours are spoken. */
export function conversation({ connection, keys, aligned }: ConversationOptions): Follower {
  let spoken: Protocol | null = null
  let secure: Secure | null = null
  let began = false
  const requests = answers()
  const parting = partings()
  const splitters = { dialler: splitter('dialler'), listener: splitter('listener') }

  function splitter(side: Side): FrameSplitter {
    return frameSplitter({
      aligned: aligned.includes(side),
      plausible(type, length) {
        const limit = limitsOf(spoken, 'on the wire').get(type)
        return limit !== undefined && length - 1 <= limit
      },
    })
  }

  const nameOf = (side: Side) => `${connection[side].host}:${connection[side].port}`

  function tell(at: Moment, code: Finding['code'], detail: string | null, deliver: Deliver): void {
    deliver({ kind: 'finding', at, connection, finding: { code, detail } })
  }

  function take(at: Moment, from: Side, piece: Piece, deliver: Deliver): void {
    switch (piece.kind) {
      case 'skipped':
        if (began) tell(at, 'not-understood', `${piece.bytes} bytes of ${nameOf(from)} before this`, deliver)
        return
      case 'holed':
        if (piece.type === RECORD) secure?.records[from].pass(piece.length)
        parting.holed(from)
        return
      default:
        takeFrame(at, from, piece.bytes, deliver)
    }
  }

  function takeFrame(at: Moment, from: Side, bytes: Uint8Array, deliver: Deliver): void {
    const message = readMessage(bytes, spoken, 'on the wire')
    if (message.type === HELLO && message.sound) greet(message.values.first('hello.protocol'))
    if (!began || (message.type === HELLO && spoken !== null && spokenBefore === null)) {
      deliver({ kind: 'conversation', at, connection, spoken })
      if (!began && message.type !== HELLO && !connection.whole) tell(at, 'mid-conversation', null, deliver)
    }
    began = true
    spokenBefore = spoken
    if (message.sound && message.type !== null) {
      secure?.handshake.hear(from, { type: message.type, body: bytes.subarray(HEADER_BYTES) })
    }
    parting.hear(from, message)
    deliver({ kind: 'frame', frame: view(at, from, bytes, message) })
  }
  let spokenBefore: Protocol | null = null

  function greet(protocol: string): void {
    if (spoken !== null || !isProtocol(protocol)) return
    spoken = protocol
    if (protocol !== 'peer-dh/1' && protocol !== 'peer-aes/1') return
    const recent = { dialler: recentRecords(), listener: recentRecords() }
    const aes = (side: Side, other: Side) => sealedRecordsView({ own: recent[side], others: recent[other] })
    secure = {
      protocol,
      handshake: handshakeView(protocol, keys),
      records:
        protocol === 'peer-dh/1'
          ? { dialler: keystreamRecords(), listener: keystreamRecords() }
          : { dialler: aes('dialler', 'listener'), listener: aes('listener', 'dialler') },
    }
  }

  function view(at: Moment, from: Side, bytes: Uint8Array, message: ReadMessage): SeenFrame {
    const fields = [...message.fields]
    const findings = [...message.findings]
    if (spoken !== null) fields.splice(2, 0, { name: 'protocol', value: spoken, place: null })
    let line = message.line
    let plaintext: SeenFrame['plaintext'] = null
    if (message.sound) {
      fields.push(...answerField(at, from, message))
      const more = message.type === OFFER || message.type === ANSWER ? viewGroup(message.values) : null
      const opened = openFrame(at, from, bytes, message.type)
      fields.push(...(more?.fields ?? []), ...(opened?.fields ?? []))
      findings.push(...(more?.findings ?? []), ...(opened?.findings ?? []))
      line = opened?.line ?? line
      plaintext = opened?.plaintext ?? null
    }
    const summary = `${message.name} ${line}`.trimEnd()
    return { at, connection, from, spoken, name: message.name, summary, bytes, fields, findings, plaintext }
  }

  function answerField(at: Moment, from: Side, { type, values }: ReadMessage): Field[] {
    if (type === null) return []
    const packet = requests.packetAnswered(from, type, values.all('id')[0] ?? null, at.packet)
    return packet === null ? [] : [{ name: 'response_to', value: String(packet), place: null }]
  }

  function openFrame(at: Moment, from: Side, bytes: Uint8Array, type: number | null): Opened | null {
    if (type === IDENTITY) return secure?.handshake.identity(from, bytes) ?? sealed('sealed')
    if (type === CONFIRM) return secure?.handshake.confirm(bytes) ?? sealed('sealed')
    if (type !== RECORD) return null
    if (secure === null) return sealed(`${bytes.length - HEADER_BYTES} bytes sealed`)
    const viewed = secure.records[from].view(bytes, at.packet, secure.handshake.traffic(from))
    if (viewed.opened === null) {
      parting.sealed(from)
      return { ...viewed, plaintext: null }
    }
    const { batch, batchAt, ...plaintext } = viewed.opened
    const frames = batch.frames.map(frame => innerFrame(at, from, frame, batchAt))
    const inside = frames.map(({ summary }) => summary).join('; ')
    return { ...viewed, plaintext: { ...plaintext, frames }, line: `${viewed.line}: ${inside}` }
  }

  function innerFrame(at: Moment, from: Side, { at: place, bytes, message }: BatchFrame, batchAt: number): InnerFrame {
    parting.hear(from, message)
    const fields = message.sound ? [...message.fields, ...answerField(at, from, message)] : message.fields
    const summary = `${message.name} ${message.line}`.trimEnd()
    return { name: message.name, summary, at: batchAt + place, bytes, fields, findings: message.findings }
  }

  return {
    bytes: (at, from, bytes, deliver) => splitters[from].push(bytes, piece => take(at, from, piece, deliver)),

    gap(at, from, missing, deliver) {
      splitters[from].gap(missing, piece => take(at, from, piece, deliver))
      parting.holed(from)
      if (splitters[from].lost) secure?.records[from].lose()
      if (began) tell(at, 'gap', `${missing} bytes of ${nameOf(from)}`, deliver)
    },

    end(at, how, deliver) {
      if (!began) return
      for (const side of ['dialler', 'listener'] as const) {
        const { skipped } = splitters[side]
        if (skipped > 0) tell(at, 'not-understood', `${skipped} bytes of ${nameOf(side)} after the gap`, deliver)
      }
      if (how === null) return
      const cut = parting.cut({ how, midFrame: side => splitters[side].midFrame, nameOf })
      if (cut !== null) tell(at, 'cut', cut, deliver)
      deliver({ kind: 'end', at, connection })
    },
  }
}
