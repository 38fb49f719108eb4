/** Codes of options (draft-ietf-opsawg-pcapng sections 3.5 and 4.2). */
const OPTION = { end: 0, comment: 1, resolution: 9, offset: 14 }

const SECOND = 1_000_000_000n

/** Where an interface says nothing, it counts microseconds. */
const MICROSECONDS = 6

/** From the two numbers of a packet to nanoseconds since 1970. */
export type Timestamps = (units: bigint) => bigint

/** Each option of a block with its code and value; whatever does not fit into the block ends the list. */
function* options(bytes: Uint8Array, little: boolean): Generator<{ code: number; value: Uint8Array }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at + 4 <= bytes.length; ) {
    const code = view.getUint16(at, little)
    const length = view.getUint16(at + 2, little)
    if (code === OPTION.end || at + 4 + length > bytes.length) return
    yield { code, value: bytes.subarray(at + 4, at + 4 + length) }
    at += 4 + Math.ceil(length / 4) * 4
  }
}

/** All remarks among the options of a block. */
export function comments(bytes: Uint8Array, little: boolean): string[] {
  const found: string[] = []
  for (const { code, value } of options(bytes, little)) {
    if (code === OPTION.comment) found.push(new TextDecoder().decode(value))
  }
  return found
}

/** How the packets of an interface tell the time, by its options if_tsresol and if_tsoffset. */
export function timestamps(bytes: Uint8Array, little: boolean): Timestamps {
  let resolution = MICROSECONDS
  let offset = 0n
  for (const { code, value } of options(bytes, little)) {
    const view = new DataView(value.buffer, value.byteOffset, value.length)
    if (code === OPTION.resolution && value.length >= 1) resolution = view.getUint8(0)
    if (code === OPTION.offset && value.length >= 8) offset = view.getBigInt64(0, little) * SECOND
  }
  // The highest bit chooses between powers of two and of ten.
  const perSecond = resolution & 0x80 ? 2n ** BigInt(resolution & 0x7f) : 10n ** BigInt(resolution)
  return units => (units * SECOND) / perSecond + offset
}
