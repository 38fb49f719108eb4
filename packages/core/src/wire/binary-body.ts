import { ChatError } from '../errors.ts'
import { type BodyPart, sizeOf, type ValuesOfParts } from './body-part.ts'
import { decodeText } from './json-body.ts'

type Values = Readonly<Record<string, unknown>>

/** Reads and writes the bodies that parts make up, one after the other. */
export interface BinaryBody<Value> {
  /** Bytes of the largest one. */
  readonly most: number
  /** Bytes of the parts in front of the one that has no size of its own, or of all. */
  readonly headBytes: number
  /** @throws {ChatError} `bad-message` when it is too short or too long, a number too large, or a text not UTF-8 */
  read(body: Uint8Array): Value
  write(values: Value): Uint8Array
  /** Writes the parts in front into the room left for them. */
  writeHead(body: Uint8Array, values: Partial<Value>): void
}

/** @param name of its message, for faults */
export function binaryBody<const Parts extends readonly BodyPart[]>(
  name: string,
  parts: Parts,
): BinaryBody<ValuesOfParts<Parts>>
export function binaryBody(name: string, parts: readonly BodyPart[]): BinaryBody<Values> {
  const sizes = parts.map(sizeOf)
  const least = sizes.reduce((sum, size) => sum + size.least, 0)
  const most = sizes.reduce((sum, size) => sum + size.most, 0)
  const open = parts.findIndex(({ kind }) => kind === 'text' || kind === 'rest')
  const head = open < 0 ? parts : parts.slice(0, open)
  const headBytes = head.reduce((sum, part) => sum + sizeOf(part).least, 0)

  function write(body: Uint8Array, written: readonly BodyPart[], values: Values): void {
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
    let at = 0
    for (const part of written) {
      const value = values[part.name]
      if (value instanceof Uint8Array) {
        body.set(value, at)
        at += value.length
        continue
      }
      if (part.kind === 'u32') view.setUint32(at, Number(value))
      else view.setBigUint64(at, typeof value === 'bigint' ? value : BigInt(Number(value)))
      at += sizeOf(part).least
    }
  }

  return {
    most,
    headBytes,
    read(body) {
      if (body.length < least || body.length > most) {
        const due = least === most ? `${most}` : `${least} to ${most}`
        throw new ChatError('bad-message', `a body of ${body.length} bytes, where ${name} has ${due}`)
      }
      const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
      const values: Record<string, unknown> = {}
      let at = 0
      parts.forEach((part, i) => {
        const size = (sizes[i]?.least ?? 0) + (i === open ? body.length - least : 0)
        values[part.name] = read(part, body.subarray(at, at + size), view, at)
        at += size
      })
      return values
    },
    write(values) {
      const last = parts[open]
      const value = last === undefined ? undefined : values[last.name]
      const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value
      const body = new Uint8Array(least + (bytes instanceof Uint8Array ? bytes.length - (sizes[open]?.least ?? 0) : 0))
      write(body, parts, last === undefined ? values : { ...values, [last.name]: bytes })
      return body
    },
    writeHead: (body, values) => write(body, head, values),
  }
}

function read(part: BodyPart, bytes: Uint8Array, view: DataView, at: number): unknown {
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
      return decodeText(bytes)
    case 'bytes':
      return bytes
    case 'rest':
      if (bytes.length % part.step !== 0) {
        throw new ChatError('bad-message', `${part.name} is no multiple of ${part.step} bytes`)
      }
      return bytes
  }
}
