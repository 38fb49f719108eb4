import { isIP } from 'node:net'
import type { ChatEngineOptions } from '../chat/peer-context.ts'
import { withSuggestion } from '../commands/suggestions.ts'
import { ChatError, rethrowUnless } from '@p2p-secure-chat/core/errors'
import { type Address, canonicalHost, formatAddress } from '@p2p-secure-chat/core/net/address'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import { ignorable } from '@p2p-secure-chat/core/contain'
import type { DirectoryClient } from '../directory/directory-client.ts'
import { isOwnListener, whyNotDialled } from '../directory/usable-address.ts'

/**
 * Asks the directory where somebody takes calls, and believes no more than that: see whyNotDialled().
 *
 * @param listener where we take calls ourselves; null if nowhere
 * @throws {ChatError} `unknown-user`, `declined` when they take no calls, `unreachable` for an address that is not
 * dialled, `no-directory`
 */
export async function locate(directory: DirectoryClient, name: string, listener: Address | null): Promise<Address> {
  const { host: given, port } = await directory.lookup(name)
  if (port === null) throw new ChatError('declined', `${name} takes no calls`)
  const start = given.slice(0, 64)
  const shown = isIP(start) === 0 ? JSON.stringify(start) : formatAddress({ host: start, port })
  const refusal = (why: string) =>
    new ChatError('unreachable', `the directory gives ${shown} as the address of ${name}, ${why}`, {
      hint: `the directory is wrong or lies: ask ${name} for another one that you both can reach`,
    })
  // A zone would be the name of a network card of ours (RFC 4007, section 11).
  const host = isIP(given) === 0 || given.includes('%') ? null : canonicalHost(given)
  if (host === null) throw refusal('which is no IP address')
  const why = whyNotDialled(host, directory.host)
  if (why !== null) throw refusal(why)
  if (listener !== null && isOwnListener({ host, port }, listener)) {
    throw refusal('which is where this client itself takes calls')
  }
  return { host, port }
}

/** How many addresses are remembered: far more than there are conversations, and still a small thing. */
const MOST_REMEMBERED = 1_000

/** Where others are, by the directory's present word or by its last. */
export interface Whereabouts {
  /** Where to call somebody. @throws {ChatError} as locate() */
  locate(name: string): Promise<Address>
  /**
   * Where to find somebody again with whom a conversation was interrupted: by the last word of a directory that is gone,
   * or does not know of them any more or yet. Who answers there has to prove who they are, as everywhere.
   *
   * @throws {ChatError} as locate(), for who was never called
   */
  locateAgain(name: string): Promise<Address>
}

/**
 * Remembers where those are who were called last.
 *
 * @param listener says where we take calls ourselves; null if nowhere
 */
export function whereabouts(directory: DirectoryClient, listener: () => Address | null): Whereabouts {
  const last = new Map<string, Address>()
  const present: Whereabouts = {
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
        return await present.locate(name)
      } catch (error) {
        const address = last.get(name)
        if (!(error instanceof ChatError) || address === undefined) throw error
        if (error.code !== 'no-directory' && error.code !== 'unknown-user') throw error
        return address
      }
    },
  }
  return present
}

/** Lets a call wait until somebody comes online. */
export interface Arrivals {
  /** To be called with every presence event. */
  presence(name: string, online: boolean): void
  /** To be called when the directory tells us nothing any more: nobody will come. */
  giveUp(): void
  /**
   * Waits until the directory says that `name` is online.
   *
   * @param signal ends the waiting; its reason is thrown
   * @throws {ChatError} `unknown-user` when that was not within `seconds`, `no-directory`
   */
  arrival(directory: DirectoryClient, name: string, seconds: number, signal?: AbortSignal): Promise<void>
}

export function arrivals(): Arrivals {
  const waiting = new Map<string, { readonly resolve: () => void; readonly reject: (error: ChatError) => void }>()
  return {
    presence(name, online) {
      if (online) waiting.get(name)?.resolve()
    },
    giveUp() {
      const why = new ChatError('no-directory', 'the directory tells no more who comes')
      for (const { reject } of waiting.values()) reject(why)
    },
    async arrival(directory, name, seconds, signal) {
      const arrived = ignorable(new Promise<void>((resolve, reject) => waiting.set(name, { resolve, reject })))
      try {
        await directory.watch([name])
        await withDeadline(arrived, seconds * 1000, name, signal)
      } catch (cause) {
        rethrowUnless(cause, 'timeout')
        throw new ChatError('unknown-user', `${name} did not come online within ${seconds} s`, { cause })
      } finally {
        waiting.delete(name)
        // A directory that is gone tells us nothing any more by itself.
        void ignorable(directory.watch([]))
      }
    },
  }
}

/** What it takes to find those whom we call. */
export interface Locating {
  readonly directory: DirectoryClient
  readonly arrivals: Arrivals
  /** For whom the first call waits until they come online, and how long; null for nobody. */
  readonly awaited: { readonly name: string; readonly seconds: number } | null
  /** Where we take calls ourselves; null if nowhere. */
  readonly listener: () => Address | null
  readonly isInterrupted: (peer: string) => boolean
  /** Whether a person reads the errors, who may have mistyped a name. */
  readonly suggests: boolean
}

/** Finds those whom we call, as an engine wants it. @throws {ChatError} as locate(), or of arrival() for who is awaited */
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
      if (!suggests || !(error instanceof ChatError)) throw error
      throw await withSuggestion(error, peer, directory)
    }
  }
}

/** Where to take calls: on this machine alone, or on every interface, as the directory is; in its family of addresses. */
export function listeningHost(directory: Pick<DirectoryClient, 'open' | 'host'>): string {
  const v6 = directory.host.includes(':')
  if (directory.open) return v6 ? '::' : '0.0.0.0'
  return v6 ? '::1' : '127.0.0.1'
}
