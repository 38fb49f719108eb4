import type { Socket } from 'node:net'
import type { Side } from '@p2p-secure-chat/core/capture/tcp-conversation'
import { rethrowUnless } from '@p2p-secure-chat/core/errors'
import type { Address } from '@p2p-secure-chat/core/net/address'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import type { SocketTap, TapSocket } from '@p2p-secure-chat/core/net/socket-channel'
import { encodeFrame, type FrameLimits, frameDecoder } from '@p2p-secure-chat/core/wire/frame'
import { bell } from './bell.ts'
import { stretched } from './busy.ts'
import { dialHere, listenHere } from './own-network.ts'

/** Largest body of any frame in this project, with room to spare. */
const LARGEST_BODY = 2 ** 20

/** Reads every type and size: what comes is for the play to judge. */
export const anyFrame: FrameLimits = new Map(Array.from({ length: 256 }, (_, type) => [type, LARGEST_BODY]))

/** The type of a segment, which has none: no frame has this one. */
export const SEGMENT = 0

/** How long `awaits` waits for something to pass, in milliseconds on a quiet machine. */
const PASSING_DEADLINE = 30_000

/** Connections over one path at once. */
const CONNECTION_LIMIT = 64

/** What a path hands to mallory: whole frames, or, where a protocol has none, what came in one piece. */
export type Unit = 'frame' | 'segment'

/** Something on its way from one side to the other. */
export interface Passing {
  readonly from: Side
  /** Which connection of the path, from 0. */
  readonly connection: number
  /** When it came by, in milliseconds of performance.now(). */
  readonly at: number
  /** Type of the frame; SEGMENT for a segment. */
  readonly type: number
  /** Body of the frame; for a segment, all of it. */
  readonly body: Uint8Array
  /** As its sender wrote it, header and body. */
  readonly bytes: Uint8Array
  /** How many of the same type the same side sent before on this connection. */
  readonly nth: number
}

/** What mallory can do when something comes by. */
export interface Forward {
  /** Sends bytes the way they were going. */
  onward(...pieces: readonly Uint8Array[]): void
  /** Sends bytes to whom this came from. */
  back(...pieces: readonly Uint8Array[]): void
  /** Keeps bytes until the next thing of the same side has passed, or its stream ends. */
  holdBack(bytes: Uint8Array): void
  /** Ends the connection towards both sides, after what was sent so far, as a cut cable or a middlebox may. */
  cut(): void
}

/** Decides about one thing on its way; what is not sent onward is lost. */
export type Tamper = (passing: Passing, forward: Forward) => void

/** Which thing: by its sender, its type, and how many of that type the sender sent before; the first one if not said. */
export interface Which {
  readonly from: Side
  /** None for segments. */
  readonly type?: number
  readonly nth?: number
}

/** The path between two programs, with mallory on it: a TCP proxy. Without interference it forwards every byte. */
export interface Path extends Address {
  /** To whom connections are passed on; to be set before the first one comes. */
  forwardTo(target: Address): void
  /** What happens on the connections that come from now on; `passed` starts again. */
  setTamper(tamper: Tamper): void
  /**
   * All that came by since, as its sender wrote it. There is no limit to it: both sides are programs that a play started
   * and told what to say, and it ends with the play.
   */
  readonly passed: readonly Passing[]
  /** The first of those that come by, or did since `interfere`, of this kind. @throws {ChatError} `timeout` */
  awaits(which: Which): Promise<Passing>
  /** Kills the connections there are, as a restarting router does; by default towards both sides. */
  kill(towards?: Side): void
  stop(): void
}

export interface PathOptions {
  readonly unit?: Unit
  /** Is shown what crosses the sockets of the path, for a recording. */
  readonly tap?: TapSocket | undefined
}

export const pass: Tamper = ({ bytes }, forward) => forward.onward(bytes)

/** What both directions of one connection share. */
interface Connection {
  readonly number: number
  readonly unit: Unit
  readonly tamper: Tamper
  readonly passed: Passing[]
  /** Lets those look who wait for something to pass. */
  readonly ring: () => void
  cut: boolean
}

/** A socket of the path, and its tap. */
interface End {
  readonly socket: Socket
  readonly tap: SocketTap | undefined
}

/** Opens a path on a free port of this machine. */
export async function openPath({ unit = 'frame', tap }: PathOptions = {}): Promise<Path> {
  const { keep, kill } = endsOf(tap)
  const { ring, until } = bell()
  let target: Address | null = null
  let tamper: Tamper = pass
  let passed: Passing[] = []
  let connections = 0

  function take(dialler: Socket): void {
    if (target === null) return void dialler.destroy()
    const connection: Connection = { number: connections, unit, tamper, passed, ring, cut: false }
    connections += 1
    void splice(keep('dialler', dialler), target, connection, keep)
  }

  const here = await listenHere({ host: '127.0.0.1', port: 0 }, take, CONNECTION_LIMIT)
  return {
    host: here.host,
    port: here.port,
    get passed() {
      return passed
    },
    forwardTo(address) {
      target = address
    },
    setTamper(next) {
      tamper = next
      passed = []
    },
    awaits(which) {
      const found = until(() => passed.find(matches(which)))
      return withDeadline(found, stretched(PASSING_DEADLINE), 'what should pass')
    },
    kill,
    stop() {
      here.stop()
      kill()
    },
  }
}

/** The ends of all connections of a path, by the side to which each leads. */
function endsOf(tap: TapSocket | undefined) {
  const sockets: Record<Side, Set<Socket>> = { dialler: new Set(), listener: new Set() }
  return {
    keep(side: Side, socket: Socket): End {
      sockets[side].add(socket)
      socket.on('close', () => sockets[side].delete(socket))
      // We are the listener to the dialler, and the dialler to the listener.
      return { socket, tap: tap?.(socket, side === 'listener') }
    },
    kill(towards?: Side): void {
      for (const side of towards === undefined ? (['dialler', 'listener'] as const) : [towards]) {
        for (const socket of sockets[side]) socket.destroy()
      }
    },
  }
}

/** Dials where a connection should go, and conveys both of its directions. */
async function splice(
  from: End,
  target: Address,
  connection: Connection,
  keep: (side: Side, socket: Socket) => End,
): Promise<void> {
  let to: End
  try {
    to = keep('listener', await dialHere(target))
  } catch {
    // Nobody listens there: the dialler sees what it would have seen without us.
    return void from.socket.resetAndDestroy()
  }
  if (from.socket.destroyed) return void to.socket.destroy()
  convey('dialler', from, to, connection)
  convey('listener', to, from, connection)
}

/** Whether something is what was meant. */
export function matches({ from, type, nth = 0 }: Which): (passing: Passing) => boolean {
  return passing => passing.from === from && passing.nth === nth && (type === undefined || passing.type === type)
}

/**
 * One direction of a connection. It takes what comes as fast as it comes, however slowly the other side reads: `passed`
 * keeps all of it in any case.
 */
function convey(from: Side, source: End, sink: End, connection: Connection): void {
  const seen = new Map<number, number>()
  let held: Uint8Array[] = []

  function send({ socket, tap }: End, pieces: readonly Uint8Array[]): void {
    if (connection.cut || !socket.writable) return
    for (const piece of pieces) {
      socket.write(piece)
      tap?.sent(piece)
    }
  }

  const forward: Forward = {
    onward: (...pieces) => send(sink, pieces),
    back: (...pieces) => send(source, pieces),
    holdBack: bytes => void held.push(bytes),
    cut() {
      connection.cut = true
      source.socket.end()
      sink.socket.end()
    },
  }

  function handle(type: number, body: Uint8Array, bytes: Uint8Array): void {
    const nth = seen.get(type) ?? 0
    seen.set(type, nth + 1)
    const passing = { at: performance.now(), from, connection: connection.number, type, body, bytes, nth }
    connection.passed.push(passing)
    const waiting = held
    held = []
    connection.tamper(passing, forward)
    send(sink, waiting)
    connection.ring()
  }

  const decoder = frameDecoder(anyFrame)
  source.socket.on('data', (chunk: Buffer) => {
    source.tap?.received(chunk)
    if (connection.unit === 'segment') return handle(SEGMENT, chunk, chunk)
    try {
      decoder.push(chunk, ({ type, body }) => handle(type, body, encodeFrame({ type, body })))
    } catch (error) {
      // What has no frames cannot be passed on frame by frame.
      rethrowUnless(error)
      source.socket.destroy()
      sink.socket.destroy()
    }
  })
  source.socket.on('end', () => {
    send(sink, held)
    sink.socket.end()
  })
  source.socket.on('error', () => sink.socket.destroy())
}
