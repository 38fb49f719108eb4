/** Bytes of a stream that is cut anywhere, taken in pieces of the size that is wanted. */
export interface ByteQueue {
  /** How many bytes are there. */
  readonly length: number
  /** Whether bytes are there, or some that are to be thrown away have not come. */
  readonly midPiece: boolean
  /** @param chunk must not be reused by the caller: what is taken may be a view of it */
  push(chunk: Uint8Array): void
  /** The next bytes, which stay; null while there are fewer. */
  peek(size: number): Uint8Array | null
  /** The next bytes; null while there are fewer, and then nothing is taken. */
  take(size: number): Uint8Array | null
  /** Throws away the next bytes, those included that have not come yet. */
  skip(size: number): void
}

/** A queue that copies a byte at most once, and only where a piece lies across chunks. */
export function byteQueue(): ByteQueue {
  let chunks: Uint8Array[] = []
  let length = 0
  /** Of the first chunk, already taken. */
  let used = 0
  /** Bytes still to come that nobody wants. */
  let unwanted = 0

  function peek(size: number): Uint8Array | null {
    if (length < size) return null
    const first = chunks[0]
    if (first === undefined) return new Uint8Array(0)
    if (first.length - used >= size) return first.subarray(used, used + size)
    const piece = new Uint8Array(size)
    let filled = 0
    let from = used
    for (const chunk of chunks) {
      const part = chunk.subarray(from, from + size - filled)
      piece.set(part, filled)
      filled += part.length
      from = 0
      if (filled === size) break
    }
    return piece
  }

  function drop(size: number): void {
    length -= size
    used += size
    let whole = 0
    for (const chunk of chunks) {
      if (used < chunk.length) break
      used -= chunk.length
      whole += 1
    }
    if (whole > 0) chunks = chunks.slice(whole)
  }

  return {
    get length() {
      return length
    },
    get midPiece() {
      return length > 0 || unwanted > 0
    },
    push(chunk) {
      const kept = chunk.subarray(Math.min(unwanted, chunk.length))
      unwanted -= chunk.length - kept.length
      if (kept.length === 0) return
      chunks.push(kept)
      length += kept.length
    },
    peek,
    take(size) {
      const piece = peek(size)
      if (piece !== null) drop(size)
      return piece
    },
    skip(size) {
      const here = Math.min(size, length)
      drop(here)
      unwanted += size - here
    },
  }
}
