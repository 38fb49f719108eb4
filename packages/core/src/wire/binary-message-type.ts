import { ChatError } from '../errors.ts'
import { type BodyPart, sizeOf, type ValuesOfParts } from './body-part.ts'
import type { Message } from './frame.ts'
import { decodeText } from './json-body.ts'
import type { Declaration, MessageType } from './message-type.ts'

/** A type whose bodies are binary. */
export interface BinaryMessageType<Value = unknown> extends MessageType<Value> {
  /** Bytes of the parts in front of the one that has no size of its own, or of all. */
  readonly headBytes: number
  /** Writes the parts in front into the room left for them in a body whose last part is there already. */
  messageIn(body: Uint8Array, head: Partial<Value>): Message
}

type Values = Readonly<Record<string, unknown>>

/** Describes a type whose body is these parts, one after the other; none for an empty one. */
export function binaryMessageType<const Parts extends readonly BodyPart[]>(
  declaration: Declaration<ValuesOfParts<Parts>> & { readonly parts: Parts },
): BinaryMessageType<ValuesOfParts<Parts>>
export function binaryMessageType(
  declaration: Declaration<Values> & { readonly parts: readonly BodyPart[] },
): BinaryMessageType<Values> {
  const { type, name, parts } = declaration
  const sizes = parts.map(sizeOf)
  const least = sizes.reduce((sum, size) => sum + size.least, 0)
  const most = sizes.reduce((sum, size) => sum + size.most, 0)
  const open = parts.findIndex(({ kind }) => kind === 'text' || kind === 'rest')
  const openName = parts[open]?.name
  const head = open < 0 ? parts : parts.slice(0, open)

  return {
    ...declaration,
    limit: most,
    mark: '',
    fields: null,
    either: [],
    headBytes: head.reduce((sum, part) => sum + sizeOf(part).least, 0),
    read(body) {
      if (body.length < least || body.length > most) {
        const due = least === most ? `${most}` : `${least} to ${most}`
        throw new ChatError('bad-message', `a body of ${body.length} bytes, where ${name} has ${due}`)
      }
      const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
      const values: Record<string, unknown> = {}
      let at = 0
      parts.forEach((part, index) => {
        const end = at + (sizes[index]?.least ?? 0) + (index === open ? body.length - least : 0)
        values[part.name] = read(part, body, view, at, end)
        at = end
      })
      return values
    },
    message(values) {
      const rest = openName === undefined ? NOTHING : bytesOf(values[openName])
      const body = new Uint8Array(least - (sizes[open]?.least ?? 0) + rest.length)
      write(body, parts, values, rest)
      return { type, body }
    },
    messageIn(body, values) {
      write(body, head, values, NOTHING)
      return { type, body }
    },
  }
}

const NOTHING = new Uint8Array(0)

function bytesOf(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : Buffer.from(String(value), 'utf8')
}

/** @param rest the part that has no size of its own */
function write(body: Uint8Array, parts: readonly BodyPart[], values: Values, rest: Uint8Array): void {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  let at = 0
  for (const part of parts) {
    const value = values[part.name]
    switch (part.kind) {
      case 'u32':
        view.setUint32(at, Number(value))
        at += 4
        break
      case 'u64':
      case 'offset':
        view.setBigUint64(at, typeof value === 'bigint' ? value : BigInt(Number(value)))
        at += 8
        break
      case 'bytes':
        body.set(bytesOf(value), at)
        at += part.size
        break
      case 'text':
      case 'rest':
        body.set(rest, at)
        at += rest.length
    }
  }
}

function read(part: BodyPart, body: Uint8Array, view: DataView, at: number, end: number): unknown {
  switch (part.kind) {
    case 'u32':
      return view.getUint32(at)
    case 'u64':
      return view.getBigUint64(at)
    case 'offset': {
      const number = Number(view.getBigUint64(at))
      if (!Number.isSafeInteger(number)) throw new ChatError('bad-message', `${part.name} is beyond 2^53`)
      return number
    }
    case 'text':
      return decodeText(body.subarray(at, end))
    case 'bytes':
      return body.subarray(at, end)
    case 'rest':
      if ((end - at) % part.step !== 0) {
        throw new ChatError('bad-message', `${part.name} is no multiple of ${part.step} bytes`)
      }
      return body.subarray(at, end)
  }
}
