import type { BodyPart } from './body-part.ts'
import type { FrameLimits, Message } from './frame.ts'
import type { JsonFields } from './json-field.ts'

/** When a message comes. */
export type Phase = 'hello' | 'any time' | 'request' | 'upgrade' | 'records' | 'conversation' | 'file'

/** What the tools say against a message of a type: what people say can be read on the path, a name is unproven, ... */
export interface Drawn {
  readonly finding: 'plaintext' | 'unproven-name' | 'refused' | 'retry'
  /** The shown name of a field that makes it untrue. */
  readonly without?: string
}

/** What is declared of every type. */
export interface Declaration<Value> {
  /** One byte; its first digit says which part of the project speaks it. */
  readonly type: number
  readonly name: string
  /** Who sends it. */
  readonly from: string
  readonly phase: Phase
  /**
   * What a tool says of it in one line, behind its name. `{field}` stands for the values of the field that has that shown
   * name, `{#field}` for how many bytes it has; `[...|...]` for its first half where all its fields have a value, and for
   * the second one otherwise.
   */
  readonly summary?: string
  readonly draws?: readonly Drawn[]
  /** The requests that it answers: the latest one of them, with the same id if it has a field `id`. */
  readonly answers?: readonly MessageType[]
  /** Whether an ERROR may answer it, with its id if it has one. */
  readonly refusable?: boolean
  /** One as it may cross the wire. */
  readonly example: Value
}

/** The shape of a body: text that stands in front, and then binary parts or a JSON object. */
interface Shape {
  /** First bytes of the body, as ASCII; empty for most. */
  readonly mark: string
  readonly parts: readonly BodyPart[]
  /** The fields of its JSON object; null for a binary body. */
  readonly fields: JsonFields | null
  /** Further fields: those of exactly one of these. */
  readonly either: readonly JsonFields[]
}

/** A type of messages: its description, which is data, and what follows from it. */
export interface MessageType<Value = unknown> extends Declaration<Value>, Shape {
  /** Largest body in bytes. */
  readonly limit: number
  /** @throws {ChatError} `bad-message` when a body does not have the shape described */
  read(body: Uint8Array): Value
  message(values: Value): Message
}

/** What the messages of a type are in the program. */
export type ValueOf<Type> = Type extends MessageType<infer Value> ? Value : never

/** Which types a connection may carry that carries messages of these, and the largest body in bytes of each. */
export function limitsOf(types: readonly MessageType[]): FrameLimits {
  return new Map(types.map(({ type, limit }) => [type, limit]))
}
