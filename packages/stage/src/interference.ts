import { encodeFrame, HEADER_BYTES, type Message } from '@p2p-secure-chat/core/wire/frame'
import { type Interference, isIt, type Passing, pass, type Which } from './path.ts'

/** Does something to one thing of each connection, and passes all others on. */
export function on(which: Which, deed: Interference): Interference {
  const meant = isIt(which)
  return (passing, road) => (meant(passing) ? deed : pass)(passing, road)
}

/** Does it in the first of the connections in which it comes to that; the others are left in peace. */
export function once(which: Which, deed: Interference): Interference {
  let done = false
  return on(which, (passing, road) => {
    if (done) return pass(passing, road)
    done = true
    deed(passing, road)
  })
}

/** Lets frames of one side pass up to one of them, and keeps the others until it is opened. */
export interface Valve {
  readonly interference: Interference
  /** Lets what waits and what comes pass. */
  open(): void
}

export function valve({ from, type, nth = 0 }: Which): Valve {
  let waiting: (() => void)[] | null = []
  return {
    interference(passing, road) {
      const passes = waiting === null || passing.from !== from || passing.type !== type || passing.nth < nth
      if (passes) pass(passing, road)
      else waiting?.push(() => pass(passing, road))
    },
    open() {
      for (const release of waiting ?? []) release()
      waiting = null
    },
  }
}

export const drop: Interference = () => {}

export const repeat: Interference = ({ bytes }, road) => road.onward(bytes, bytes)

export const swapWithNext: Interference = ({ bytes }, road) => road.holdBack(bytes)

/** Returns it to its sender; the other side never gets it. */
export const reflect: Interference = ({ bytes }, road) => road.back(bytes)

export const cutBefore: Interference = (_, road) => road.cut()

export const cutInside: Interference = ({ bytes }, road) => {
  road.onward(bytes.subarray(0, bytes.length >> 1))
  road.cut()
}

/**
 * Flips bits of one byte.
 *
 * @param at counts bytes of the whole frame: 0 to 3 are its length, 4 its type; a negative number counts from the end
 * @param bits the bits to flip; the lowest one if not said
 */
export function flip(at: number, bits = 1): Interference {
  return ({ bytes }, road) => {
    const index = at < 0 ? bytes.length + at : at
    road.onward(bytes.map((byte, i) => (i === index ? byte ^ bits : byte)))
  }
}

/** Flips bits of one byte of the body of a frame; see flip. */
export const flipBody = (at: number, bits = 1): Interference => flip(HEADER_BYTES + at, bits)

/** Sends another frame in its place. */
export function replace(by: (passing: Passing) => Message): Interference {
  return (passing, road) => road.onward(encodeFrame(by(passing)))
}

/** Changes fields of a JSON body, or adds some. */
export function rewrite(fields: Readonly<Record<string, unknown>>): Interference {
  return ({ type, body }, road) => {
    // A hello has its magic in front of the JSON.
    const start = body.indexOf('{'.charCodeAt(0))
    const json: Record<string, unknown> = JSON.parse(Buffer.from(body.subarray(start)).toString())
    const changed = Buffer.concat([body.subarray(0, start), Buffer.from(JSON.stringify({ ...json, ...fields }))])
    road.onward(encodeFrame({ type, body: changed }))
  }
}

/** Passes it on and puts a forged frame behind it. */
export function followWith(forged: Message): Interference {
  return ({ bytes }, road) => road.onward(bytes, encodeFrame(forged))
}
