import { ERROR } from '@p2p-secure-chat/core/wire/common-messages'
import type { MessageType } from '@p2p-secure-chat/core/wire/message-type'
import { shownFields } from '@p2p-secure-chat/core/wire/shown-field'
import { otherSide, type Side } from '../capture/stream-event.ts'
import { allTypes, PROTOCOLS } from '../message/protocols.ts'
import { type BoundedMap, boundedMap } from './bounded-map.ts'

/** Requests of a kind and side that are remembered, the latest ones. */
const REQUEST_LIMIT = 1_024

/** Knows which message answers which, in one connection. */
export interface Answers {
  /**
   * Takes each message in order.
   *
   * @param id its id, null where it has none
   * @returns the packet of the request that it answers; null where it answers none
   */
  packetAnswered(from: Side, type: number, id: string | null, packet: number): number | null
}

/** @param types the descriptions, which say what answers what */
export function answers(types = allTypes(PROTOCOLS)): Answers {
  const described = new Map(types.map(type => [type.type, type]))
  const refusable = types.filter(type => type.refusable)
  const requests = new Set([...refusable, ...types.flatMap(type => type.answers ?? [])])
  const rows = new Map<string, BoundedMap<string, { readonly type: number; readonly packet: number }>>()

  function rowOf(side: Side, request: MessageType) {
    // The ids of all that an ERROR may answer count together.
    const key = `${side} ${request.refusable && hasId(request) ? 'refusable' : request.name}`
    const row = rows.get(key) ?? boundedMap(REQUEST_LIMIT)
    rows.set(key, row)
    return row
  }

  function requestsOf(message: MessageType, id: string | null): readonly MessageType[] {
    return message.type === ERROR.type
      ? refusable.filter(request => hasId(request) === (id !== null))
      : (message.answers ?? [])
  }

  return {
    packetAnswered(from, type, id, packet) {
      const message = described.get(type)
      if (message === undefined) return null
      if (requests.has(message)) {
        const key = hasId(message) ? id : ''
        if (key !== null) rowOf(from, message).set(key, { type, packet })
        return null
      }
      for (const asked of requestsOf(message, id)) {
        const key = hasId(asked) ? id : ''
        const row = rowOf(otherSide(from), asked)
        const request = key === null ? undefined : row.get(key)
        if (key === null || request?.type !== asked.type) continue
        // What a server refuses later, without an id, is the whole connection, and no longer the request.
        if (asked.refusable && !hasId(asked)) row.delete(key)
        return request.packet
      }
      return null
    },
  }
}

/** Whether a request is known by an id; of those without one the latest is meant. */
function hasId(type: MessageType): boolean {
  return shownFields(type).some(({ name }) => name === 'id')
}
