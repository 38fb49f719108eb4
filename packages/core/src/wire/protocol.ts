import type { Protocol } from './hello.ts'
import type { MessageType } from './message-type.ts'

/** Which messages a protocol has, and where they may stand. */
export interface ProtocolDescription {
  readonly name: Protocol
  /** As frames of the connection. */
  readonly wire: readonly MessageType[]
  /** Inside records; null where it has none. */
  readonly records: readonly MessageType[] | null
}
