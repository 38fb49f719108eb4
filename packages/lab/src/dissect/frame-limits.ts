import { plainLimits } from '@p2p-secure-chat/basic-p2p/chat/plain-upgrade'
import { sessionLimits } from '@p2p-secure-chat/basic-p2p/chat/session-messages'
import { directoryLimits } from '@p2p-secure-chat/basic-p2p/directory/directory-messages'
import { calculatorLimits } from '@p2p-secure-chat/calculator/messages'
import { ERROR_LIMIT } from '@p2p-secure-chat/core/wire/error-message'
import type { FrameLimits } from '@p2p-secure-chat/core/wire/frame'
import { HELLO_LIMIT, type Protocol } from '@p2p-secure-chat/core/wire/hello'
import * as type from '@p2p-secure-chat/core/wire/message-types'
import { handshakeLimits } from '@p2p-secure-chat/dh-chat/handshake/handshake-upgrade'

/** What may stand on any connection. */
const common: FrameLimits = new Map([
  [type.HELLO, HELLO_LIMIT],
  [type.ERROR, ERROR_LIMIT],
  [type.GOODBYE, 0],
  [type.KEEPALIVE, 0],
])

const onTheWire: Readonly<Record<Protocol, FrameLimits>> = {
  'calc/1': calculatorLimits,
  'directory/1': directoryLimits,
  'peer-basic/1': new Map([...common, ...plainLimits]),
  'peer-dh/1': new Map([...common, ...handshakeLimits]),
  'peer-aes/1': new Map([...common, ...handshakeLimits]),
}

const inRecords: Readonly<Partial<Record<Protocol, FrameLimits>>> = {
  'peer-dh/1': sessionLimits,
  'peer-aes/1': new Map([...sessionLimits, [type.KEY_UPDATE, 0]]),
}

const anything: FrameLimits = new Map([
  ...Object.values(onTheWire).flatMap(limits => [...limits]),
  [type.KEY_UPDATE, 0],
])

/** Largest length in the header of a frame, of any type. */
export const LARGEST_LENGTH = 1 + Math.max(...anything.values())

/** Whether it is the name of a protocol of ours. */
export function isProtocol(name: string): name is Protocol {
  return Object.hasOwn(onTheWire, name)
}

/**
 * The types that may stand there, each with its largest body in bytes.
 *
 * @param protocol null: not known, so all types may
 */
export function limitsOf(protocol: Protocol | null, place: 'on the wire' | 'in a record'): FrameLimits {
  if (protocol === null) return anything
  return (place === 'on the wire' ? onTheWire[protocol] : inRecords[protocol]) ?? anything
}
