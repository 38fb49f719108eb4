import type { Address } from '@p2p-secure-chat/core/net/address'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import { onTestFinished } from 'vitest'
import type { AcceptPolicy } from '../../src/chat/call-policy.ts'
import { type BlockedPeers, blockedForNow } from '../../src/chat/blocked-peers.ts'
import { type ChatEngine, chatEngine } from '../../src/chat/chat-engine.ts'
import type { ChatEngineOptions } from '../../src/chat/peer-context.ts'
import type { ChatEvent } from '../../src/chat/chat-event.ts'
import { listenForPeers } from '../../src/client/peer-listener.ts'
import { plainUpgrade } from '../../src/plain-upgrade.ts'
import type { FilePolicy } from '../../src/files/file-transfers.ts'
import { type Happenings, happenings } from './events.ts'

/** Where everybody of one test takes calls. */
export type PhoneBook = Map<string, Address>

const NO_FILES: FilePolicy = { decision: 'decline', folder: '.' }

export interface PersonOptions {
  readonly policy?: AcceptPolicy
  readonly upgrade?: Upgrade
  readonly blocked?: BlockedPeers
  readonly files?: FilePolicy
  /** Takes events as well: until it settles, the output has them not. */
  readonly output?: (event: ChatEvent) => Promise<void>
  /** Delays every call of this person until it settles. */
  readonly beforeDial?: Promise<void>
  /** Finds people in the place of the book. */
  readonly locate?: ChatEngineOptions['locate']
}

/** A user without a client: an engine that takes calls on a port of this machine. */
export interface Person {
  readonly engine: ChatEngine
  readonly blocked: BlockedPeers
  readonly address: Address
  readonly events: Happenings<ChatEvent>
  /** Events in a few words, such as `open bob`, `in bob hello`, `closed bob declined`. */
  readonly story: Happenings<string>
  /** Codes of connections that never became a call. */
  readonly failures: Happenings<string>
  /** Ends everything at once, as a crash does. */
  vanish(): void
}

export async function person(name: string, book: PhoneBook, options: PersonOptions = {}): Promise<Person> {
  const { policy = 'ask', upgrade = plainUpgrade(name), blocked = blockedForNow() } = options
  const { beforeDial = Promise.resolve(), files = NO_FILES, output = () => Promise.resolve() } = options
  const {
    locate = async peer => {
      await beforeDial
      const address = book.get(peer)
      if (address === undefined) throw new ChatError('unknown-user', `${peer} is not online`)
      return address
    },
  } = options
  const events = happenings<ChatEvent>()
  const story = happenings<string>()
  const failures = happenings<string>()
  const engine = chatEngine({
    name,
    upgrade,
    policy,
    blocked,
    files,
    locate,
    emit(event) {
      events.add(event)
      story.add(tell(event))
      return output(event)
    },
  })
  const listener = await listenForPeers(
    { host: '127.0.0.1', port: 0 },
    upgrade,
    connection => engine.take(connection),
    error => failures.add(error.code),
  )
  book.set(name, listener)
  onTestFinished(async () => {
    listener.stop()
    listener.destroyAll()
  })
  return { engine, blocked, address: listener, events, story, failures, vanish: () => listener.destroyAll() }
}

function tell(event: ChatEvent): string {
  switch (event.event) {
    case 'call':
      return `${event.direction} ${event.peer}`
    case 'message':
      return `${event.direction} ${event.peer} ${event.text}`
    case 'closed':
      return `closed ${event.peer} ${event.code}`
    case 'error':
      return `error ${event.code}`
    case 'open':
    case 'delivered':
      return `${event.event} ${event.peer}`
    default:
      return event.event
  }
}
