import { createPrivateKey } from 'node:crypto'
import type { Side } from '@p2p-secure-chat/core/capture/tcp-conversation'
import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { encodeFrame, type Message } from '@p2p-secure-chat/core/wire/frame'
import { HELLO, RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import type { Role } from '@p2p-secure-chat/core/wire/upgrade'
import { handshake } from '@p2p-secure-chat/dh-chat/handshake/handshake'
import { type Identity, identityOf } from '@p2p-secure-chat/dh-chat/identity/identity'
import { keyLogLine } from '@p2p-secure-chat/dh-chat/key-log'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { bell } from '@p2p-secure-chat/stage/bell'
import { recordsOf } from '../../attacks/exchange/mallorys-handshake.ts'
import type { Said } from './conversation-capture.ts'
import type { Variant } from '../variant.ts'

const PROTOCOL = 'peer-aes/1'

/** The smallest group that clients take: a handshake in it costs some milliseconds. */
const GROUP = 'ffdhe2048'

/** A conversation of the aes rung, up to its records. */
export interface SecureConversation {
  /** The hellos and the handshake. */
  readonly opening: readonly Said[]
  /** What the dialler's client would write with --keylog. */
  readonly keyLog: string
  /** The next record of a side, sealed as clients do. */
  record(from: Side, ...messages: readonly Message[]): Said
}

const sideOf = (role: Role): Side => (role === 'initiator' ? 'dialler' : 'listener')

/** Two people shake hands: the handshake and the records of real clients, in memory, with the chance of a variant. */
export async function secureConversation(
  variant: Variant,
  people: Readonly<Record<Role, Identity>>,
): Promise<SecureConversation> {
  const hello = HELLO.message({ protocol: PROTOCOL })
  const hellos = { initiator: hello, responder: hello }
  const path = memoryPath()
  let keyLog = ''

  const shake = (role: Role) =>
    handshake(path.channels[role], {
      protocol: PROTOCOL,
      role,
      hellos,
      expected: null,
      identity: people[role],
      groups: [namedGroup(GROUP)],
      trust: () => Promise.resolve(),
      random: variant.random(`handshake of the ${role}`),
      onSecret: (kind, hash, secret) => {
        if (role === 'initiator') keyLog += keyLogLine(kind, hash, secret)
      },
    })
  const [dialler, listener] = await Promise.all([shake('initiator'), shake('responder')])

  const protect = ({ secrets }: typeof dialler, role: Role) =>
    recordsOf(PROTOCOL, secrets, role, variant.random(`records of the ${role}`))
  const protections = { dialler: protect(dialler, 'initiator'), listener: protect(listener, 'responder') }
  const said = (from: Side, message: Message): Said => ({ from, bytes: encodeFrame(message) })

  return {
    opening: [
      said('dialler', hello),
      said('listener', hello),
      ...path.crossed.map(({ from, message }) => said(sideOf(from), message)),
    ],
    keyLog,
    record: (from, ...messages) =>
      said(from, { type: RECORD.type, body: protections[from].seal(Buffer.concat(messages.map(encodeFrame))) }),
  }
}

/** What DER puts in front of an Ed25519 seed to make a private key of it (RFC 8410, section 7). */
const PKCS8_HEADER = Buffer.from('302e020100300506032b657004220420', 'hex')

const SEED_BYTES = 32

/** Somebody of an exercise, whose key anybody can compute who has the seed: it is worth nothing outside. */
export function personOf(variant: Variant, name: string): Identity {
  const seed = variant.random(`identity of ${name}`)(SEED_BYTES)
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_HEADER, seed]), format: 'der', type: 'pkcs8' })
  return identityOf(name, key)
}

/** One message on its way. */
export interface Crossing {
  readonly from: Role
  readonly message: Message
}

/** Two channels without a socket between them: what one side sends the other one receives. */
export interface MemoryPath {
  readonly channels: Readonly<Record<Role, Channel>>
  /** All that crossed, in order. */
  readonly crossed: readonly Crossing[]
}

/** For scripts in which the two sides take turns, so that the order is always the same. */
export function memoryPath(): MemoryPath {
  const crossed: Crossing[] = []
  const waiting: Record<Role, Message[]> = { initiator: [], responder: [] }
  const { ring, until } = bell()
  let failure: ChatError | null = null

  function fail(error: ChatError): void {
    failure ??= error
    ring()
  }

  function next(of: Role): Message | undefined {
    const message = waiting[of].shift()
    if (message === undefined && failure !== null) throw failure
    return message
  }

  function channel(from: Role, to: Role): Channel {
    return {
      send(message) {
        crossed.push({ from, message })
        waiting[to].push(message)
        ring()
        return Promise.resolve()
      },
      poll: () => undefined,
      receive: () => until(() => next(from)),
      close: () => Promise.resolve(),
      abort: fail,
    }
  }

  return {
    channels: { initiator: channel('initiator', 'responder'), responder: channel('responder', 'initiator') },
    crossed,
  }
}
