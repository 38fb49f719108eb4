import { encodeFrame, HEADER_BYTES, type Message } from '@p2p-secure-chat/core/wire/frame'
import { type Tamper, matches, type Passing, pass, type Which } from './path.ts'

/** Does something to one thing of each connection, and passes all others on. */
export function on(which: Which, tamper: Tamper): Tamper {
  const meant = matches(which)
  return (passing, forward) => (meant(passing) ? tamper : pass)(passing, forward)
}

/** Does it in the first of the connections in which it comes to that; the others are left in peace. */
export function once(which: Which, tamper: Tamper): Tamper {
  let done = false
  return on(which, (passing, forward) => {
    if (done) return pass(passing, forward)
    done = true
    tamper(passing, forward)
  })
}

/** Lets frames of one side pass up to one of them, and keeps the others until it is opened. */
export interface Valve {
  readonly tamper: Tamper
  /** Lets what waits and what comes pass. */
  open(): void
}

export function valve({ from, type, nth = 0 }: Which): Valve {
  let waiting: (() => void)[] | null = []
  return {
    tamper(passing, forward) {
      const passes = waiting === null || passing.from !== from || passing.type !== type || passing.nth < nth
      if (passes) pass(passing, forward)
      else waiting?.push(() => pass(passing, forward))
    },
    open() {
      for (const release of waiting ?? []) release()
      waiting = null
    },
  }
}

export const discard: Tamper = () => {}

export const repeat: Tamper = ({ bytes }, forward) => forward.onward(bytes, bytes)

export const swapWithNext: Tamper = ({ bytes }, forward) => forward.holdBack(bytes)

/** Returns it to its sender; the other side never gets it. */
export const reflect: Tamper = ({ bytes }, forward) => forward.back(bytes)

export const cutBefore: Tamper = (_, forward) => forward.cut()

export const cutInside: Tamper = ({ bytes }, forward) => {
  forward.onward(bytes.subarray(0, bytes.length >> 1))
  forward.cut()
}

/**
 * Flips bits of one byte.
 *
 * @param at counts bytes of the whole frame: 0 to 3 are its length, 4 its type; a negative number counts from the end
 * @param bits the bits to flip; the lowest one if not said
 */
export function flip(at: number, bits = 1): Tamper {
  return ({ bytes }, forward) => {
    const index = at < 0 ? bytes.length + at : at
    forward.onward(bytes.map((byte, i) => (i === index ? byte ^ bits : byte)))
  }
}

/** Flips bits of one byte of the body of a frame; see flip. */
export const flipBody = (at: number, bits = 1): Tamper => flip(HEADER_BYTES + at, bits)

/** Sends another frame in its place. */
export function replace(by: (passing: Passing) => Message): Tamper {
  return (passing, forward) => forward.onward(encodeFrame(by(passing)))
}

/** Changes fields of a JSON body, or adds some. */
export function rewrite(fields: Readonly<Record<string, unknown>>): Tamper {
  return ({ type, body }, forward) => {
    // A hello has its magic in front of the JSON.
    const start = body.indexOf('{'.charCodeAt(0))
    const json: Record<string, unknown> = JSON.parse(Buffer.from(body.subarray(start)).toString())
    const changed = Buffer.concat([body.subarray(0, start), Buffer.from(JSON.stringify({ ...json, ...fields }))])
    forward.onward(encodeFrame({ type, body: changed }))
  }
}

/** Passes it on and puts a forged frame behind it. */
export function followWith(forged: Message): Tamper {
  return ({ bytes }, forward) => forward.onward(bytes, encodeFrame(forged))
}
