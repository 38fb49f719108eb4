import { HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'
import { LARGEST_LENGTH } from '../message/protocols.ts'

/** What the bytes of one direction are made of. */
export type Piece =
  /** A whole frame, whatever is in it. */
  | { readonly kind: 'frame'; readonly bytes: Uint8Array }
  /** The beginning of a frame that has no end: length 0 (4 bytes), or a length above every limit (5 bytes). */
  | { readonly kind: 'dead'; readonly bytes: Uint8Array }
  /** A frame of which bytes are missing in the capture. */
  | { readonly kind: 'holed'; readonly type: number; readonly length: number }
  /** Bytes that cannot be told apart, since the header before them is missing; told when there is a header again. */
  | { readonly kind: 'skipped'; readonly bytes: number }

/** Cuts one direction of a connection into frames, and finds its way again where bytes are missing. */
export interface FrameSplitter {
  push(bytes: Uint8Array, deliver: (piece: Piece) => void): void
  /** `missing` bytes are not in the capture. */
  gap(missing: number, deliver: (piece: Piece) => void): void
  /** Whether the bytes so far end inside a frame. */
  readonly midFrame: boolean
  /** Whether the next header is missing. */
  readonly lost: boolean
  /** Bytes passed over since then. */
  readonly skipped: number
}

export interface FrameSplitterOptions {
  /** Whether the first byte is the first of a frame; otherwise one is looked for. */
  readonly aligned: boolean
  /** Whether a frame may begin like this, as far as is known now; asked where a beginning is looked for. */
  plausible(type: number, length: number): boolean
}

/**
 * The reader's counterpart of core's frameDecoder: it refuses nothing that can be passed over, keeps at most one frame
 * (66,005 bytes), and takes linear time. A frame that lies within one chunk is a view of it.
 *
 * Where the header of a frame is missing, the next one is looked for at the beginning of a segment, where programs that
 * write whole frames put it.
 */
export function frameSplitter({ aligned, plausible }: FrameSplitterOptions): FrameSplitter {
  let state: 'following' | 'lost' | 'dead' = aligned ? 'following' : 'lost'
  const header = new Uint8Array(HEADER_BYTES)
  let headerBytes = 0
  let partial: { bytes: Uint8Array; filled: number; holed: boolean } | null = null
  let skipped = 0

  function finishPartial(deliver: (piece: Piece) => void): void {
    if (partial === null || partial.filled < partial.bytes.length) return
    const { bytes, holed } = partial
    partial = null
    if (holed) deliver({ kind: 'holed', ...readHeader(bytes, 0) })
    else deliver({ kind: 'frame', bytes })
  }

  function loseTheWay(bytes: number): void {
    state = 'lost'
    headerBytes = 0
    skipped += bytes
  }

  return {
    push(chunk, deliver) {
      if (state === 'lost' && beginsWithFrames(chunk, plausible)) {
        if (skipped > 0) deliver({ kind: 'skipped', bytes: skipped })
        skipped = 0
        state = 'following'
      }
      if (state === 'lost') skipped += chunk.length

      let at = 0
      while (state === 'following' && at < chunk.length) {
        if (partial !== null) {
          const taken = Math.min(partial.bytes.length - partial.filled, chunk.length - at)
          partial.bytes.set(chunk.subarray(at, at + taken), partial.filled)
          partial.filled += taken
          at += taken
          finishPartial(deliver)
          continue
        }
        const taken = Math.min(HEADER_BYTES - headerBytes, chunk.length - at)
        header.set(chunk.subarray(at, at + taken), headerBytes)
        headerBytes += taken
        at += taken
        if (headerBytes >= 4 && readLength(header) === 0) {
          state = 'dead'
          deliver({ kind: 'dead', bytes: header.slice(0, 4) })
          break
        }
        if (headerBytes < HEADER_BYTES) break
        const { length } = readHeader(header, 0)
        if (length > LARGEST_LENGTH) {
          state = 'dead'
          deliver({ kind: 'dead', bytes: header.slice() })
          break
        }
        const start = at - HEADER_BYTES
        const end = start + 4 + length
        headerBytes = 0
        if (start >= 0 && end <= chunk.length) {
          at = end
          deliver({ kind: 'frame', bytes: chunk.subarray(start, end) })
        } else {
          partial = { bytes: new Uint8Array(4 + length), filled: HEADER_BYTES, holed: false }
          partial.bytes.set(header)
          finishPartial(deliver)
        }
      }
    },

    gap(missing, deliver) {
      if (state !== 'following') return
      if (partial === null) return loseTheWay(headerBytes)
      const room = partial.bytes.length - partial.filled
      partial.holed = true
      partial.filled += Math.min(room, missing)
      finishPartial(deliver)
      if (missing > room) loseTheWay(0)
    },

    get midFrame() {
      return state === 'following' && (partial !== null || headerBytes > 0)
    },
    get lost() {
      return state === 'lost'
    },
    get skipped() {
      return skipped
    },
  }
}

/**
 * Whether these bytes begin with a header, and all headers in them are plausible.
 *
 * @param plausible whether a frame may begin like this
 */
export function beginsWithFrames(bytes: Uint8Array, plausible: FrameSplitterOptions['plausible']): boolean {
  let at = 0
  while (at + HEADER_BYTES <= bytes.length) {
    const { type, length } = readHeader(bytes, at)
    if (length === 0 || !plausible(type, length)) return false
    at += 4 + length
  }
  return at > 0
}

function readLength(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
}

/** @param at where at least five bytes stand */
function readHeader(bytes: Uint8Array, at: number): { type: number; length: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at)
  return { length: view.getUint32(0), type: view.getUint8(4) }
}
