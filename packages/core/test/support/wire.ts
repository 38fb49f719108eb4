import { Duplex } from 'node:stream'

/** One direction of a wire, in the hands of somebody on the path. */
export interface Line {
  /** What its sender wrote so far, one entry for each write. */
  readonly writes: readonly Buffer[]
  /** Largest number of bytes that arrive at once. */
  chunk: number
  /** What becomes of each write on its way; at first itself. */
  path: (write: Buffer) => Buffer
  /** Puts bytes on the line behind those that are under way. */
  inject(bytes: Uint8Array): void
  /** Carries nothing until release(). */
  hold(): void
  release(): void
  /** Ends this direction in the sender's name, as anybody on the path of a TCP connection can. */
  end(): void
}

/** A byte stream in memory between two sides. */
export interface Wire {
  readonly alice: Duplex
  readonly bob: Duplex
  readonly toBob: Line
  readonly toAlice: Line
  /** Both sides lose the connection at once. */
  cut(): void
}

const reset = () => Object.assign(new Error('the cable is cut'), { code: 'ECONNRESET' })

/** A Line with what its two ends need. Bytes wait here while the receiver has no room: the sender feels it. */
function openLine() {
  const writes: Buffer[] = []
  let queue: { bytes: Uint8Array | null; done(error?: Error): void }[] = []
  let push: (bytes: Uint8Array | null) => boolean = () => false
  let receiverHasRoom = false
  let moving = false
  let held = false
  let gone = false

  function move(): void {
    if (moving) return
    moving = true
    while (receiverHasRoom && !held) {
      const first = queue[0]
      if (first === undefined) break
      if (first.bytes === null) {
        receiverHasRoom = push(null)
      } else if (first.bytes.length > 0) {
        const piece = first.bytes.subarray(0, line.chunk)
        first.bytes = first.bytes.subarray(line.chunk)
        receiverHasRoom = push(piece)
        continue
      }
      queue.shift()
      first.done()
    }
    moving = false
  }

  /** As TCP does: data for nobody is answered with a reset, an end is not. */
  function refuse(bytes: Uint8Array | null, done: (error?: Error) => void): void {
    if (bytes === null || bytes.length === 0) done()
    else done(reset())
  }

  function put(bytes: Uint8Array | null, done: (error?: Error) => void = () => {}): void {
    if (gone) return refuse(bytes, done)
    queue.push({ bytes, done })
    move()
  }

  const line: Line = {
    writes,
    chunk: Number.POSITIVE_INFINITY,
    path: write => write,
    inject: bytes => put(Buffer.from(bytes)),
    hold() {
      held = true
    },
    release() {
      held = false
      move()
    },
    end: () => put(null),
  }

  return {
    line,
    put,
    write(bytes: Buffer, done: (error?: Error) => void): void {
      writes.push(Buffer.from(bytes))
      put(line.path(Buffer.from(bytes)), done)
    },
    /** The receiver has room, until `to` says that it has no more. */
    wanted(to: (bytes: Uint8Array | null) => boolean): void {
      push = to
      receiverHasRoom = true
      move()
    },
    /** Nobody is there any more to receive. */
    leave(): void {
      gone = true
      const lost = queue
      queue = []
      for (const { bytes, done } of lost) refuse(bytes, done)
    },
  }
}

/** Two sides and nothing between them that the test does not put there. Arrives in the order of events, without a clock. */
export function memoryWire(): Wire {
  const toBob = openLine()
  const toAlice = openLine()

  function side(out: typeof toBob, incoming: typeof toBob): Duplex {
    const wanted = () => incoming.wanted(bytes => duplex.push(bytes))
    const duplex: Duplex = new Duplex({
      allowHalfOpen: true,
      read: wanted,
      write: (bytes: Buffer, _encoding, done) => out.write(bytes, done),
      final: done => out.put(null, done),
      destroy(error, done) {
        out.put(null)
        incoming.leave()
        done(error)
      },
    })
    // As with TCP, a little arrives before anybody reads, and who does not listen for errors is not ended by one.
    wanted()
    duplex.on('error', () => {})
    return duplex
  }

  const alice = side(toBob, toAlice)
  const bob = side(toAlice, toBob)
  return {
    alice,
    bob,
    toBob: toBob.line,
    toAlice: toAlice.line,
    cut() {
      alice.destroy(reset())
      bob.destroy(reset())
    },
  }
}

/** Waits until `count` stands still, that is until everything that events can move has moved. */
export async function standstill(count: () => number): Promise<void> {
  let before: number
  do {
    before = count()
    for (let turn = 0; turn < 50; turn++) await new Promise(resolve => setImmediate(resolve))
  } while (count() !== before)
}
