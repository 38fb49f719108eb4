import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { ERROR, GOODBYE, HELLO, RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import { HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'
import type { Protocol } from '@p2p-secure-chat/core/wire/hello'
import { ANSWER, OFFER } from '@p2p-secure-chat/dh-chat/messages'
import type { Connection, Moment, Side } from '../capture/stream-event.ts'
import type { Field } from '../message/field.ts'
import type { Finding } from '../message/finding.ts'
import { isPlausible, isProtocol, typesOf } from '../message/protocols.ts'
import { type BatchFrame, type ReadMessage, readMessage, summarise } from '../message/read-message.ts'
import { answers } from './answers.ts'
import { frameSplitter, type FrameSplitter, type Piece } from './frame-splitter.ts'
import { viewGroup } from './handshake-view.ts'
import type { Deliver, DirectionEnd, Follower, InnerFrame, SeenFrame } from './observation.ts'
import { type Opened, withoutPlaintext } from './record-view.ts'
import type { Secrets } from './secrets.ts'
import { openNothing, SEALED_TYPES, type SecureView, secureView } from './secure-view.ts'

const SIDES = ['dialler', 'listener'] as const

export interface ConversationOptions {
  readonly connection: Connection
  readonly keys: Secrets
  /** The sides whose first byte in the capture is the first of a frame. */
  readonly aligned: readonly Side[]
}

/** Follows one connection on which frames of ours are spoken. */
export function conversation({ connection, keys, aligned }: ConversationOptions): Follower {
  let spoken: Protocol | null = null
  /** The last `spoken` that was reported; undefined before the first report. */
  let told: Protocol | null | undefined
  let secure: SecureView | null = null
  const requests = answers()
  const parting = partings()
  const splitters = { dialler: splitter('dialler'), listener: splitter('listener') }

  function splitter(side: Side): FrameSplitter {
    return frameSplitter({
      aligned: aligned.includes(side),
      plausible: (type, length) => isPlausible(typesOf(spoken, 'on the wire'), type, length),
    })
  }

  const nameOf = (side: Side) => formatAddress(connection[side])

  function tell(at: Moment, code: Finding['code'], detail: string | null, deliver: Deliver): void {
    if (told !== undefined) deliver({ kind: 'finding', at, connection, finding: { code, detail } })
  }

  function take(at: Moment, from: Side, piece: Piece, deliver: Deliver): void {
    switch (piece.kind) {
      case 'skipped':
        return tell(at, 'not-understood', `${piece.bytes} bytes of ${nameOf(from)} before this`, deliver)
      case 'holed':
        if (piece.type === RECORD.type) secure?.pass(from, piece.length)
        return
      case 'dead':
        parting.missed(from)
        return takeFrame(at, from, piece.bytes, deliver)
      case 'frame':
        return takeFrame(at, from, piece.bytes, deliver)
    }
  }

  function takeFrame(at: Moment, from: Side, bytes: Uint8Array, deliver: Deliver): void {
    const message = readMessage(bytes, spoken, 'on the wire')
    const { type, sound } = message
    if (type === HELLO.type && sound) greet(message.values.first('hello.protocol'))
    if (told !== spoken) {
      const first = told === undefined
      told = spoken
      deliver({ kind: 'conversation', at, connection, spoken })
      if (first && type !== HELLO.type && !connection.whole) tell(at, 'mid-conversation', null, deliver)
    }
    if (sound && type !== null) secure?.hear(from, { type, body: bytes.subarray(HEADER_BYTES) })
    parting.hear(from, message)
    deliver({ kind: 'frame', frame: view(at, from, bytes, message) })
  }

  function greet(protocol: string): void {
    if (spoken !== null || !isProtocol(protocol)) return
    spoken = protocol
    if (protocol === 'peer-dh/1' || protocol === 'peer-aes/1') secure = secureView(protocol, keys)
  }

  function view(at: Moment, from: Side, bytes: Uint8Array, message: ReadMessage): SeenFrame {
    const { name } = message
    const protocol: Field[] = spoken === null ? [] : [{ name: 'protocol', value: spoken, place: null }]
    const answer = answerField(at, from, message)
    const more = lookInto(at, from, bytes, message)
    return {
      at,
      connection,
      from,
      spoken,
      name,
      summary: summaryOf(name, more.line),
      bytes,
      fields: [...message.fields.toSpliced(2, 0, ...protocol), ...answer, ...more.fields],
      findings: [...message.findings, ...more.findings],
      plaintext: more.plaintext,
    }
  }

  /** What the bytes of one frame alone do not tell. */
  function lookInto(at: Moment, from: Side, bytes: Uint8Array, message: ReadMessage): Opened {
    const { type, sound, values, line, fields, template } = message
    if (!sound || type === null) return withoutPlaintext(line)
    if (type === OFFER.type || type === ANSWER.type) {
      const group = viewGroup(values)
      return { ...group, plaintext: null, line: summarise(template, [...fields, ...group.fields]) }
    }
    if (!SEALED_TYPES.includes(type)) return withoutPlaintext(line)
    const { opened = null, ...frame } = secure?.open(from, bytes, at.packet) ?? openNothing(bytes)
    if (opened === null) {
      if (type === RECORD.type) parting.missed(from)
      return frame
    }
    const { batch, batchAt, ...plaintext } = opened
    const frames = batch.frames.map(inner => innerFrame(at, from, inner, batchAt))
    return { ...frame, plaintext: { ...plaintext, frames } }
  }

  function answerField(at: Moment, from: Side, { type, sound, values }: ReadMessage): Field[] {
    if (type === null || !sound) return []
    const packet = requests.packetAnswered(from, type, values.all('id')[0] ?? null, at.packet)
    return packet === null ? [] : [{ name: 'response_to', value: String(packet), place: null }]
  }

  function innerFrame(at: Moment, from: Side, { at: place, bytes, message }: BatchFrame, batchAt: number): InnerFrame {
    parting.hear(from, message)
    const { name, findings } = message
    const fields = [...message.fields, ...answerField(at, from, message)]
    return { name, summary: summaryOf(name, message.line), at: batchAt + place, bytes, fields, findings }
  }

  return {
    bytes: (at, from, bytes, deliver) => splitters[from].push(bytes, piece => take(at, from, piece, deliver)),

    gap(at, from, missing, deliver) {
      parting.missed(from)
      splitters[from].gap(missing, piece => take(at, from, piece, deliver))
      if (splitters[from].lost) secure?.lose(from, missing)
      tell(at, 'gap', `${missing} bytes of ${nameOf(from)}`, deliver)
    },

    end(at, how, deliver) {
      for (const side of SIDES) {
        const { skipped } = splitters[side]
        if (skipped > 0) tell(at, 'not-understood', `${skipped} bytes of ${nameOf(side)} after the gap`, deliver)
      }
      if (how === null) return
      const cut = parting.cut({ how, midFrame: side => splitters[side].midFrame, nameOf })
      if (cut !== null) tell(at, 'cut', cut, deliver)
      if (told !== undefined) deliver({ kind: 'end', at, connection })
    },
  }
}

function summaryOf(name: string, line: string): string {
  return line === '' ? name : `${name} ${line}`
}

/** How a connection ended, as TCP tells it. */
interface Ending {
  readonly how: Readonly<Record<Side, DirectionEnd>>
  midFrame(side: Side): boolean
  nameOf(side: Side): string
}

/** Listens for what ends a connection in an orderly way. */
interface Partings {
  /** Takes each message of a side, those inside records too. */
  hear(from: Side, message: ReadMessage): void
  /** Something of this side stays sealed or is missing in the capture: it may have been the goodbye. */
  missed(from: Side): void
  /** @returns who left without a goodbye; null when nobody did, or the capture does not show it */
  cut(ending: Ending): string | null
}

function partings(): Partings {
  const goodbyes = new Set<Side>()
  /** Sides of which not everything could be read. */
  const unread = new Set<Side>()
  let refused = false

  return {
    hear(from, { type, sound, values }) {
      if (type === GOODBYE.type && sound) goodbyes.add(from)
      // The connection ends after an error that answers no request.
      if (type === ERROR.type && sound && values.all('id').length === 0) refused = true
    },
    missed: from => void unread.add(from),

    cut({ how, midFrame, nameOf }) {
      if (refused) return null
      const seen = (side: Side) => how[side] === 'fin' || how[side] === 'reset'
      const left = (['dialler', 'listener'] as const).filter(side => seen(side) && !goodbyes.has(side))
      if (left.length === 0) return null
      const reset = left.filter(side => how[side] === 'reset')
      const known = left.filter(side => !unread.has(side))
      const broken = left.filter(side => midFrame(side))
      const names = (sides: readonly Side[]) => sides.map(nameOf).join(' and ')
      if (broken.length > 0) return `${names(broken)} ended in the middle of a message`
      if (known.length > 0) return `${names(known)} ended without a goodbye`
      if (reset.length > 0) return 'reset; whether there was a goodbye stays sealed'
      return null
    },
  }
}
