import { PEER_AES } from '@p2p-secure-chat/aes-chat/messages'
import { PEER_BASIC } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { DIRECTORY } from '@p2p-secure-chat/basic-p2p/messages/directory'
import { CALCULATOR } from '@p2p-secure-chat/calculator/messages'
import { RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import type { Protocol, ProtocolDescription } from '@p2p-secure-chat/core/wire/hello'
import type { MessageType } from '@p2p-secure-chat/core/wire/message-type'
import { PEER_DH } from '@p2p-secure-chat/dh-chat/messages'

/** Every protocol of docs/protocol.md. */
export const PROTOCOLS: readonly ProtocolDescription[] = [CALCULATOR, DIRECTORY, PEER_BASIC, PEER_DH, PEER_AES]

export type MessagePlace = 'on the wire' | 'in a record'

/** Descriptions by the byte on the wire. */
export type TypesByNumber = ReadonlyMap<number, MessageType>

/**
 * The types that may stand in a place.
 *
 * @param protocol null: not known, so all types may
 */
export type TypesOf = (protocol: Protocol | null, place: MessagePlace) => TypesByNumber

/** Every type once, by its number. What a RECORD is made of depends on the protocol: here it is a body. */
export function allTypes(protocols: readonly ProtocolDescription[]): readonly MessageType[] {
  const types = protocols.flatMap(({ wire, records }) => [...wire, ...(records ?? [])])
  return [...byNumber([...types, RECORD]).values()].toSorted((one, other) => one.type - other.type)
}

export function typesIn(protocols: readonly ProtocolDescription[]): TypesOf {
  const anything = byNumber(allTypes(protocols))
  const places = new Map<string, TypesByNumber>(
    protocols.flatMap(({ name, wire, records }) => [
      [`${name} on the wire`, byNumber(wire)] as const,
      [`${name} in a record`, records === null ? anything : byNumber(records)] as const,
    ]),
  )
  return (protocol, place) => places.get(`${protocol} ${place}`) ?? anything
}

export const typesOf = typesIn(PROTOCOLS)

/** Largest length in the header of a frame, of any type. */
export const LARGEST_LENGTH = 1 + Math.max(...allTypes(PROTOCOLS).map(({ limit }) => limit))

/** Whether it is the name of a protocol of ours. */
export function isProtocol(name: string): name is Protocol {
  return PROTOCOLS.some(protocol => protocol.name === name)
}

/** Whether a frame with such a header may stand there. */
export function isPlausible(types: TypesByNumber, type: number, length: number): boolean {
  const limit = types.get(type)?.limit
  return limit !== undefined && length - 1 <= limit
}

function byNumber(types: readonly MessageType[]): Map<number, MessageType> {
  return new Map(types.map(type => [type.type, type]))
}
