import { connect, type Socket } from 'node:net'
import type { Address } from '../../src/net/address.ts'
import { listen } from '../../src/net/listen.ts'
import { encodeFrame, type FrameLimits, frameDecoder, HEADER_BYTES, type Message } from '../../src/wire/frame.ts'

/** The side that dialled, or the one that it reached. */
export type Side = 'caller' | 'callee'

/** A frame on its way through the proxy. */
export interface PassingFrame extends Message {
  readonly from: Side
  /** How many frames of the same type the same side sent before on this connection. */
  readonly nth: number
  /** The frame as its sender wrote it, header and body. */
  readonly bytes: Uint8Array
}

/** What whoever sits on the path can do when a frame comes by. */
interface Road {
  /** Sends bytes the way the frame was going. */
  onward(...pieces: readonly Uint8Array[]): void
  /** Sends bytes to whom the frame came from. */
  back(bytes: Uint8Array): void
  /** Keeps bytes until the next frame of the same side has passed, or its stream ends. */
  holdBack(bytes: Uint8Array): void
  /** Ends the connection towards both sides, after what was sent so far, as a cut cable or a middlebox may. */
  cut(): void
}

/** Decides about one frame; a frame that is not sent onward is lost. */
export type Interference = (frame: PassingFrame, road: Road) => void

/** Somebody on the path between two peers, who takes frames apart and does with them as a test says. */
export interface FrameProxy extends Address {
  /** To whom connections are passed on; to be set before the first one comes. */
  forwardTo(target: Address): void
  /** What happens to the connections that come from now on; `frames` starts anew. */
  interfere(deed: Interference): void
  /** Every frame that came by since, as its sender wrote it. */
  readonly frames: readonly PassingFrame[]
  /** Kills the connections there are, as a router does that starts anew; by default towards both sides. */
  kill(towards?: Side): void
  stop(): void
}

/** Largest body of any frame in this project, with room to spare. */
const LARGEST_BODY = 2 ** 20

const anyFrame: FrameLimits = new Map(Array.from({ length: 256 }, (_, type) => [type, LARGEST_BODY]))

/** Opens a proxy on a free port of this machine; at first it passes everything on. */
export async function openFrameProxy(): Promise<FrameProxy> {
  let target: Address | null = null
  let deed: Interference = pass
  let frames: PassingFrame[] = []
  const sockets: Record<Side, Set<Socket>> = { caller: new Set(), callee: new Set() }

  function splice(caller: Socket): void {
    if (target === null) return void caller.destroy()
    const callee = connect({ ...target, allowHalfOpen: true, noDelay: true })
    for (const [side, socket] of [
      ['caller', caller],
      ['callee', callee],
    ] as const) {
      sockets[side].add(socket)
      socket.on('close', () => sockets[side].delete(socket))
    }
    const connection = { deed, frames, cut: false }
    convey('caller', caller, callee, connection)
    convey('callee', callee, caller, connection)
  }

  function kill(towards?: Side): void {
    for (const side of towards === undefined ? (['caller', 'callee'] as const) : [towards]) {
      for (const socket of sockets[side]) socket.destroy()
    }
  }

  const here = await listen({ host: '127.0.0.1', port: 0 }, 64, splice)
  return {
    host: here.host,
    port: here.port,
    get frames() {
      return frames
    },
    forwardTo(address) {
      target = address
    },
    interfere(next) {
      deed = next
      frames = []
    },
    kill,
    stop() {
      here.stop()
      kill()
    },
  }
}

/** One direction of a connection. */
function convey(
  from: Side,
  source: Socket,
  sink: Socket,
  connection: { readonly deed: Interference; readonly frames: PassingFrame[]; cut: boolean },
): void {
  const decoder = frameDecoder(anyFrame)
  const seen = new Map<number, number>()
  let held: Uint8Array[] = []

  function send(to: Socket, pieces: readonly Uint8Array[]): void {
    if (!connection.cut && to.writable) for (const piece of pieces) to.write(piece)
  }

  const road: Road = {
    onward: (...pieces) => send(sink, pieces),
    back: bytes => send(source, [bytes]),
    holdBack: bytes => void held.push(bytes),
    cut() {
      connection.cut = true
      source.end()
      sink.end()
    },
  }

  source.on('data', (chunk: Buffer) => {
    decoder.push(chunk, ({ type, body }) => {
      const nth = seen.get(type) ?? 0
      seen.set(type, nth + 1)
      const frame = { type, body, from, nth, bytes: encodeFrame({ type, body }) }
      connection.frames.push(frame)
      const waiting = held
      held = []
      connection.deed(frame, road)
      send(sink, waiting)
    })
  })
  source.on('end', () => {
    send(sink, held)
    sink.end()
  })
  source.on('error', () => sink.destroy())
}

/** Which frame: by its sender, its type, and how many of that type the sender sent before; the first one if not said. */
export interface Which {
  readonly from: Side
  readonly type: number
  readonly nth?: number
}

/** Does something to one frame of each connection, and passes all others on. */
export function on({ from, type, nth = 0 }: Which, deed: Interference): Interference {
  return (frame, road) => {
    const isIt = frame.from === from && frame.type === type && frame.nth === nth
    return isIt ? deed(frame, road) : pass(frame, road)
  }
}

/** Does it in the first of the connections in which it comes to that; the others are left in peace. */
export function once({ from, type, nth = 0 }: Which, deed: Interference): Interference {
  let done = false
  return on({ from, type, nth }, (frame, road) => {
    if (done) return pass(frame, road)
    done = true
    deed(frame, road)
  })
}

export const pass: Interference = ({ bytes }, road) => road.onward(bytes)

/** Lets frames of one side pass up to one of them, and keeps the others until it is opened. */
export interface Valve {
  readonly interference: Interference
  /** Lets what waits and what comes pass. */
  open(): void
}

export function valve({ from, type, nth = 0 }: Which): Valve {
  let waiting: (() => void)[] | null = []
  return {
    interference(frame, road) {
      const passes = waiting === null || frame.from !== from || frame.type !== type || frame.nth < nth
      if (passes) pass(frame, road)
      else waiting?.push(() => pass(frame, road))
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

/** Returns the frame to its sender; the other side never gets it. */
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

/** Flips bits of one byte of the body; see flip. */
export const flipBody = (at: number, bits = 1): Interference => flip(HEADER_BYTES + at, bits)

/** Sends something else in place of the frame. */
export function replace(by: (frame: PassingFrame) => Message): Interference {
  return (frame, road) => road.onward(encodeFrame(by(frame)))
}

/** Changes fields of a JSON body, or adds some. */
export function rewrite(fields: Readonly<Record<string, unknown>>): Interference {
  return replace(({ type, body }) => {
    // A hello has its magic in front of the JSON.
    const start = body.indexOf('{'.charCodeAt(0))
    const json: Record<string, unknown> = JSON.parse(Buffer.from(body.subarray(start)).toString())
    const changed = Buffer.from(JSON.stringify({ ...json, ...fields }))
    return { type, body: Buffer.concat([body.subarray(0, start), changed]) }
  })
}

/** Passes the frame on and puts a forged one behind it. */
export function followWith(forged: Message): Interference {
  return ({ bytes }, road) => road.onward(bytes, encodeFrame(forged))
}
