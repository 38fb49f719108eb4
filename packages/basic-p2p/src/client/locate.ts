import { isIP } from 'node:net'
import type { ChatEngineOptions } from '../chat/peer-context.ts'
import { withSuggestion } from '../commands/suggestions.ts'
import { deferred, type Deferred } from '@p2p-secure-chat/core/deferred'
import { ChatError, rethrowUnless } from '@p2p-secure-chat/core/errors'
import { type Address, canonicalHost, formatAddress } from '@p2p-secure-chat/core/net/address'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import { ignorable } from '@p2p-secure-chat/core/contain'
import type { DirectoryClient } from '../directory/directory-client.ts'
import { isOwnListener, whyNotDialled } from '../directory/usable-address.ts'

/**
 * Asks the directory where somebody takes calls, but does not trust the answer: see whyNotDialled().
 *
 * @param listener our own listener for calls, if any
 * @throws {ChatError} `unknown-user`, `declined` when they take no calls, `unreachable` for an address that we do not
 * dial, `no-directory`
 */
export async function locate(directory: DirectoryClient, name: string, listener: Address | null): Promise<Address> {
  const { host: given, port } = await directory.lookup(name)
  if (port === null) throw new ChatError('declined', `${name} takes no calls`)
  const start = given.slice(0, 64)
  const shown = isIP(start) === 0 ? JSON.stringify(start) : formatAddress({ host: start, port })
  const refusal = (why: string) =>
    new ChatError('unreachable', `the directory gives ${shown} as the address of ${name}, ${why}`, {
      hint: `the directory is wrong or lies: ask ${name} which directory you both can reach`,
    })
  // A zone would be the name of a network card of ours (RFC 4007, section 11).
  const host = isIP(given) === 0 || given.includes('%') ? null : canonicalHost(given)
  if (host === null) throw refusal('which is not an IP address')
  const why = whyNotDialled(host, directory.host)
  if (why !== null) throw refusal(why)
  if (listener !== null && isOwnListener({ host, port }, listener)) {
    throw refusal('which is where this client itself takes calls')
  }
  return { host, port }
}

/** How many addresses are remembered: far more than there are conversations, and still little memory. */
const MOST_REMEMBERED = 1_000

/** Where others are, according to the directory's current answer or its last one. */
export interface Whereabouts {
  /** Where to call somebody. @throws {ChatError} as locate() */
  locate(name: string): Promise<Address>
  /**
   * Where to find the peer of an interrupted conversation: if the directory is gone or does not know them right now,
   * the last address it gave. The peer has to prove its key there as everywhere.
   *
   * @throws {ChatError} as locate(), for a peer that was never called
   */
  locateAgain(name: string): Promise<Address>
}

/**
 * Remembers the addresses of the people called last.
 *
 * @param listener gives our own listener for calls, if any
 */
export function whereabouts(directory: DirectoryClient, listener: () => Address | null): Whereabouts {
  const last = new Map<string, Address>()
  const locating: Whereabouts = {
    async locate(name) {
      const address = await locate(directory, name, listener())
      last.delete(name)
      last.set(name, address)
      const [oldest] = last.keys()
      if (last.size > MOST_REMEMBERED && oldest !== undefined) last.delete(oldest)
      return address
    },
    async locateAgain(name) {
      try {
        return await locating.locate(name)
      } catch (error) {
        rethrowUnless(error, 'no-directory', 'unknown-user')
        const address = last.get(name)
        if (address === undefined) throw error
        return address
      }
    },
  }
  return locating
}

/** Lets a call wait until its callee comes online. */
export interface Arrivals {
  /** To be called with every presence event. */
  presence(name: string, online: boolean): void
  /** To be called when the directory no longer reports presence: all waiting is in vain. */
  giveUp(): void
  /**
   * Waits until the directory says that `name` is online.
   *
   * @param signal ends the wait; its reason is thrown
   * @throws {ChatError} `unknown-user` when that did not happen within `seconds`, `no-directory`
   */
  arrival(directory: DirectoryClient, name: string, seconds: number, signal?: AbortSignal): Promise<void>
}

export function arrivals(): Arrivals {
  const waiting = new Map<string, Deferred<void>>()
  return {
    presence(name, online) {
      if (online) waiting.get(name)?.resolve()
    },
    giveUp() {
      const why = new ChatError('no-directory', 'the directory no longer reports who comes online')
      for (const { reject } of waiting.values()) reject(why)
    },
    async arrival(directory, name, seconds, signal) {
      const arrived = deferred()
      waiting.set(name, arrived)
      // It may be given up before the directory has heard whom to watch.
      void ignorable(arrived.promise)
      try {
        await directory.watch([name])
        await withDeadline(arrived.promise, seconds * 1000, name, signal)
      } catch (cause) {
        rethrowUnless(cause, 'timeout')
        throw new ChatError('unknown-user', `${name} did not come online within ${seconds} s`, { cause })
      } finally {
        waiting.delete(name)
        // A directory that is gone reports nothing more anyway.
        void ignorable(directory.watch([]))
      }
    },
  }
}

/** What it takes to locate the people we call. */
export interface Locating {
  readonly directory: DirectoryClient
  readonly arrivals: Arrivals
  /** The callee whose first call waits until they come online, and how long; null for nobody. */
  readonly awaited: { readonly name: string; readonly seconds: number } | null
  /** Our own listener for calls, if any. */
  readonly listener: () => Address | null
  readonly isInterrupted: (peer: string) => boolean
  /** Whether a person reads the errors, and may have mistyped a name. */
  readonly suggests: boolean
}

/** Locates callees for a chat engine. @throws {ChatError} as locate(), or as arrival() for the awaited one */
export function locator(options: Locating): ChatEngineOptions['locate'] {
  const { directory, arrivals, listener, isInterrupted, suggests } = options
  const people = whereabouts(directory, listener)
  let { awaited } = options

  return async (peer, signal) => {
    const seconds = awaited?.name === peer ? awaited.seconds : 0
    awaited = null
    if (seconds > 0) await arrivals.arrival(directory, peer, seconds, signal)
    try {
      return await (isInterrupted(peer) ? people.locateAgain(peer) : people.locate(peer))
    } catch (error) {
      rethrowUnless(error)
      if (!suggests) throw error
      throw await withSuggestion(error, peer, directory)
    }
  }
}

/**
 * Where to listen for calls: on this machine only or on every interface, and over IPv4 or IPv6, as the directory does.
 */
export function listeningHost(directory: Pick<DirectoryClient, 'open' | 'host'>): string {
  const v6 = directory.host.includes(':')
  if (directory.open) return v6 ? '::' : '0.0.0.0'
  return v6 ? '::1' : '127.0.0.1'
}
