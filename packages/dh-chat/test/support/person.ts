import { blockedForNow } from '@p2p-secure-chat/basic-p2p/chat/blocked-peers'
import { type ChatEngine, chatEngine } from '@p2p-secure-chat/basic-p2p/chat/chat-engine'
import type { AcceptPolicy } from '@p2p-secure-chat/basic-p2p/chat/call-policy'
import type { ChatEvent } from '@p2p-secure-chat/basic-p2p/chat/chat-event'
import { listenForPeers } from '@p2p-secure-chat/basic-p2p/client/peer-listener'
import type { ChatError } from '@p2p-secure-chat/core/errors'
import type { Address } from '@p2p-secure-chat/core/net/address'
import type { Upgrade } from '@p2p-secure-chat/core/wire/upgrade'

/** A user inside the test's own process: no program around it, but real sockets. */
export interface Person {
  readonly engine: ChatEngine
  /** Where it takes calls. */
  readonly address: Address
  readonly events: readonly ChatEvent[]
  /** What ended connections before they became calls. */
  readonly failures: readonly ChatError[]
  /** Waits until something that fits has happened. */
  until(what: () => boolean): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts a user.
 *
 * @param locate where everybody else takes calls
 * @param output takes what is told before it counts as told, as a slow screen may
 */
export async function startPerson(
  name: string,
  upgrade: Upgrade,
  locate: () => Address | Promise<Address>,
  policy: AcceptPolicy = 'all',
  output: (event: ChatEvent) => Promise<void> = () => Promise.resolve(),
): Promise<Person> {
  const events: ChatEvent[] = []
  const failures: ChatError[] = []
  const waiting = new Set<() => void>()
  const happened = () => {
    for (const check of waiting) check()
  }
  const engine = chatEngine({
    name,
    upgrade,
    policy,
    blocked: blockedForNow(),
    files: { decision: 'decline', folder: '.' },
    locate: async () => locate(),
    async emit(event) {
      await output(event)
      events.push(event)
      happened()
    },
  })
  const listener = await listenForPeers(
    { host: '127.0.0.1', port: 0 },
    upgrade,
    connection => engine.take(connection),
    error => {
      failures.push(error)
      happened()
    },
  )
  return {
    engine,
    address: listener,
    events,
    failures,
    until: what =>
      new Promise(resolve => {
        const check = () => {
          if (!what()) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
      }),
    async stop() {
      await engine.leaveAll()
      listener.stop()
      listener.destroyAll()
    },
  }
}
