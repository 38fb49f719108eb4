import { HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'
import type { Connection, Side } from '../capture/stream-event.ts'
import { beginsWithFrames } from './frame-splitter.ts'
import { PROMPT } from './legacy-directory.ts'
import { decimalIn } from './legacy-text.ts'
import { isPlausible, typesOf } from './protocols.ts'

/** Ports of our directories and calculators, on which a conversation is recognised without its beginning. */
const OWN_PORTS: readonly number[] = [10_000, 10_001]

/** Type and magic of a hello: what stands behind the length of the first frame. */
const HELLO_MARK = Uint8Array.of(0x01, 0x50, 0x32, 0x50, 0x43)
const HELLO_MARK_AT = 4

const PROMPT_BYTES = new TextEncoder().encode(PROMPT)

/** What a connection turns out to be; `foreign` is none of ours. */
export type Recognised =
  | { readonly kind: 'ours'; readonly aligned: readonly Side[] }
  | { readonly kind: 'legacy-directory' | 'legacy-peer' | 'foreign' }

/** The first bytes of a side: those of its first segment, and all that is kept of it. */
export interface Beginning {
  readonly segment: Uint8Array
  readonly bytes: Uint8Array
}

/**
 * Says what a connection is, by its first bytes.
 *
 * @param beginnings of the sides that have spoken
 * @param isLegacyPort whether a user of the textbook's server takes calls on that port
 * @returns null as long as it can still be more than one thing
 */
export function recognise(
  connection: Connection,
  beginnings: ReadonlyMap<Side, Beginning>,
  isLegacyPort: (port: number) => boolean,
): Recognised | null {
  const sides = [...beginnings]
  const hellos = sides.filter(([, { bytes }]) => beginsWithHello(bytes) === true)
  const whole: readonly Side[] = connection.whole ? ['dialler', 'listener'] : hellos.map(([side]) => side)
  if (hellos.length > 0) return { kind: 'ours', aligned: whole }
  if (sides.some(([, { bytes }]) => matches(bytes, PROMPT_BYTES) === true)) return { kind: 'legacy-directory' }

  const undecided = sides.some(
    ([, { bytes }]) => beginsWithHello(bytes) === null || matches(bytes, PROMPT_BYTES) === null,
  )
  if (undecided) return null
  // Without its beginning a segment may be the middle of a frame: then a plausible one is waited for.
  const ownPort = OWN_PORTS.includes(connection.listener.port)
  if (ownPort && (!connection.whole || sides.some(([, { bytes }]) => plausible(bytes)))) {
    return { kind: 'ours', aligned: whole }
  }
  if (isLegacyPort(connection.listener.port)) return { kind: 'legacy-peer' }
  if (sides.length < 2) return null
  return { kind: sides.every(([, { segment }]) => decimalIn(segment) !== null) ? 'legacy-peer' : 'foreign' }
}

/** Null while there are too few bytes to say. The length of a hello is small: its first byte is 0. */
function beginsWithHello(bytes: Uint8Array): boolean | null {
  const found = matches(bytes.subarray(HELLO_MARK_AT), HELLO_MARK)
  return found === null && bytes[0] !== 0 ? false : found
}

/** Whether the bytes begin with the mark; null while they are too few to say. */
function matches(bytes: Uint8Array, mark: Uint8Array): boolean | null {
  const common = mark.subarray(0, bytes.length)
  if (common.some((byte, at) => byte !== bytes[at])) return false
  return common.length === mark.length ? true : null
}

function plausible(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_BYTES) return false
  return beginsWithFrames(bytes, (type, length) => isPlausible(typesOf(null, 'on the wire'), type, length))
}
