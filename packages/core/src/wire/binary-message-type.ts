import { binaryBody } from './binary-body.ts'
import type { BodyPart, ValuesOfParts } from './body-part.ts'
import type { Message } from './frame.ts'
import type { Declaration, MessageType } from './message-type.ts'

/** A type whose bodies are binary. */
export interface BinaryMessageType<Value = unknown> extends MessageType<Value> {
  /** Bytes in front of the part that has no size of its own. */
  readonly headBytes: number
  /** Writes what stands in front of the last part, which stands in `body` already, behind the room left for it. */
  messageIn(body: Uint8Array, head: Partial<Value>): Message
}

/** Describes a type whose body is these parts, one after the other; none for an empty one. */
export function binaryMessageType<const Parts extends readonly BodyPart[]>(
  declaration: Declaration<ValuesOfParts<Parts>> & { readonly parts: Parts },
): BinaryMessageType<ValuesOfParts<Parts>> {
  const { type, name, parts } = declaration
  const layout = binaryBody(name, parts)
  return {
    ...declaration,
    limit: layout.most,
    mark: '',
    fields: null,
    either: [],
    headBytes: layout.headBytes,
    read: body => layout.read(body),
    message: values => ({ type, body: layout.write(values) }),
    messageIn(body, head) {
      layout.writeHead(body, head)
      return { type, body }
    },
  }
}
