/** A value of a JSON text: its type, and where it stands. */
export interface JsonValue {
  readonly kind: 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null'
  readonly from: number
  readonly to: number
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d]
const COMMA = 0x2c

/** How deep objects and arrays may stand in each other: ours need three levels. */
const DEEPEST = 64

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Finds the one JSON object (RFC 8259) that the bytes must be. JSON.parse is the judge of that; no parser tells where a
 * value stands, so the functions below walk over bytes that it has accepted, and need not be strict themselves.
 *
 * @returns null when the bytes are not UTF-8, not one JSON object, or nested deeper than 64 levels
 */
export function jsonObject(bytes: Uint8Array): JsonValue | null {
  try {
    JSON.parse(decoder.decode(bytes))
  } catch {
    return null
  }
  const value = valueAt(bytes, skipSpace(bytes, 0))
  return value.kind === 'object' && depthOf(bytes) <= DEEPEST ? value : null
}

/** The members of an object, decoded names and all; of two with one name the later one counts, as for JSON.parse. */
export function membersOf(bytes: Uint8Array, object: JsonValue): Map<string, JsonValue> {
  const members = new Map<string, JsonValue>()
  let at = skipSpace(bytes, object.from + 1)
  while (bytes[at] !== CLOSE_BRACE && at < object.to) {
    const name = valueAt(bytes, at)
    const colon = skipSpace(bytes, name.to)
    const value = valueAt(bytes, skipSpace(bytes, colon + 1))
    members.set(stringOf(bytes, name), value)
    at = afterComma(bytes, value.to)
  }
  return members
}

/** The elements of an array, in order. */
export function elementsOf(bytes: Uint8Array, array: JsonValue): JsonValue[] {
  const elements: JsonValue[] = []
  let at = skipSpace(bytes, array.from + 1)
  while (bytes[at] !== CLOSE_BRACKET && at < array.to) {
    const value = valueAt(bytes, at)
    elements.push(value)
    at = afterComma(bytes, value.to)
  }
  return elements
}

/** What a string says; half a surrogate pair becomes U+FFFD, since no UTF-8 can carry it. */
export function stringOf(bytes: Uint8Array, { from, to }: JsonValue): string {
  const text: string = JSON.parse(textOf(bytes, from, to))
  return text.replace(/\p{Cs}/gu, '\ufffd')
}

/** The text between two places, as written. */
export function textOf(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8')
}

function afterComma(bytes: Uint8Array, from: number): number {
  const at = skipSpace(bytes, from)
  return bytes[at] === COMMA ? skipSpace(bytes, at + 1) : at
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from
  while (at < bytes.length && (bytes[at] ?? 0) <= 0x20) at += 1
  return at
}

/** Reads over one value. */
function valueAt(bytes: Uint8Array, from: number): JsonValue {
  switch (bytes[from]) {
    case QUOTE:
      return { kind: 'string', from, to: endOfString(bytes, from) }
    case OPEN_BRACE:
      return { kind: 'object', from, to: endOfContainer(bytes, from) }
    case OPEN_BRACKET:
      return { kind: 'array', from, to: endOfContainer(bytes, from) }
    case 0x74: // true
      return { kind: 'boolean', from, to: from + 4 }
    case 0x66: // false
      return { kind: 'boolean', from, to: from + 5 }
    case 0x6e: // null
      return { kind: 'null', from, to: from + 4 }
    default:
      return { kind: 'number', from, to: endOfNumber(bytes, from) }
  }
}

function endOfString(bytes: Uint8Array, from: number): number {
  let at = from + 1
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
  return at + 1
}

function endOfNumber(bytes: Uint8Array, from: number): number {
  let at = from + 1
  while (at < bytes.length && /[0-9.eE+-]/.test(String.fromCharCode(bytes[at] ?? 0))) at += 1
  return at
}

/** Goes over nested containers without going into them: they may be nested deeper than a call stack is. */
function endOfContainer(bytes: Uint8Array, from: number): number {
  let depth = 0
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) at = endOfString(bytes, at) - 1
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1
    if (depth === 0) return at + 1
  }
  return bytes.length
}

function depthOf(bytes: Uint8Array): number {
  let depth = 0
  let deepest = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) at = endOfString(bytes, at) - 1
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) deepest = Math.max(deepest, (depth += 1))
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1
  }
  return deepest
}
