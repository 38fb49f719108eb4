import type { Message } from '@p2p-secure-chat/core/wire/frame'

/** A message with any JSON body, also one that its description does not allow. */
export function jsonMessage(type: number, body: Record<string, unknown>): Message {
  return { type, body: Buffer.from(JSON.stringify(body)) }
}
