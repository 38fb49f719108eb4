import { otherSide, type Side } from '../capture/stream-event.ts'
import * as t from '@p2p-secure-chat/core/wire/message-types'
import { type BoundedMap, boundedMap } from './bounded-map.ts'

/** Requests of a kind and side that are remembered, the latest ones. */
const REQUEST_LIMIT = 1_024

/** What can be answered. Kinds whose ids count together stand in one row. */
const REQUESTS: ReadonlyMap<number, string> = new Map([
  [t.EVALUATE, 'request'],
  [t.WHO, 'request'],
  [t.LOOKUP, 'request'],
  [t.REGISTER, 'registration'],
  [t.OFFER, 'offer'],
  [t.CALL, 'call'],
  [t.TEXT, 'text'],
  [t.FILE_OFFER, 'file'],
])

/** Which requests a message may answer. */
const ANSWERS: ReadonlyMap<number, readonly number[]> = new Map([
  [t.RESULT, [t.EVALUATE]],
  [t.USERS, [t.WHO]],
  [t.CARD, [t.LOOKUP]],
  [t.REGISTERED, [t.REGISTER]],
  [t.RETRY, [t.OFFER]],
  [t.ANSWER, [t.OFFER]],
  [t.ACCEPT, [t.CALL]],
  [t.DECLINE, [t.CALL]],
  [t.RECEIPT, [t.TEXT]],
  [t.FILE_ACCEPT, [t.FILE_OFFER]],
  [t.FILE_RESULT, [t.FILE_OFFER]],
])

/** Requests that carry no id: the latest one is meant. */
const WITHOUT_ID: readonly number[] = [t.REGISTER, t.OFFER, t.CALL]

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

export function answers(): Answers {
  const requests = new Map<string, BoundedMap<string, { readonly type: number; readonly packet: number }>>()

  function rowOf(side: Side, kind: string) {
    const key = `${side} ${kind}`
    const row = requests.get(key) ?? boundedMap(REQUEST_LIMIT)
    requests.set(key, row)
    return row
  }

  return {
    packetAnswered(from, type, id, packet) {
      const kind = REQUESTS.get(type)
      if (kind !== undefined) {
        const key = WITHOUT_ID.includes(type) ? '' : id
        if (key !== null) rowOf(from, kind).set(key, { type, packet })
        return null
      }
      const answered = type === t.ERROR ? answeredByError(id) : (ANSWERS.get(type) ?? [])
      const [first] = answered
      if (first === undefined) return null
      const key = WITHOUT_ID.includes(first) ? '' : id
      const row = rowOf(otherSide(from), REQUESTS.get(first) ?? '')
      const request = key === null ? undefined : row.get(key)
      if (request === undefined || !answered.includes(request.type)) return null
      // A server's later errors concern the whole connection, and no longer the registration.
      if (request.type === t.REGISTER) row.delete('')
      return request.packet
    },
  }
}

function answeredByError(id: string | null): readonly number[] {
  return id === null ? [t.REGISTER] : [t.EVALUATE, t.WHO, t.LOOKUP]
}
