import { BlockList, isIP } from 'node:net'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { type Address, isLoopback } from '@p2p-secure-chat/core/net/address'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import { ignorable } from '@p2p-secure-chat/core/wire/ignorable'
import type { DirectoryClient } from '../directory/directory-client.ts'

/** Addresses that mean this machine, in whatever way they are written (RFC 6890, section 2.2). */
const THIS_MACHINE = new BlockList()
THIS_MACHINE.addSubnet('127.0.0.0', 8)
THIS_MACHINE.addSubnet('0.0.0.0', 8)
THIS_MACHINE.addAddress('::1', 'ipv6')
THIS_MACHINE.addAddress('::', 'ipv6')

/**
 * Asks the directory where somebody takes calls, and believes no more than that: a directory elsewhere that names our
 * own machine would make us knock at our own doors.
 *
 * @throws {ChatError} `unknown-user`, `declined` when they take no calls, `unreachable` for an address that makes no
 * sense, `no-directory`
 */
export async function locate(directory: DirectoryClient, name: string): Promise<Address> {
  const { host, port } = await directory.lookup(name)
  if (port === null) throw new ChatError('declined', `${name} takes no calls`)
  const family = isIP(host)
  if (family === 0 || (!isLoopback(directory.host) && THIS_MACHINE.check(host, family === 4 ? 'ipv4' : 'ipv6'))) {
    throw new ChatError('unreachable', `the directory gives ${JSON.stringify(host)} as the address of ${name}`)
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

/** Remembers where those are who were called last. */
export function whereabouts(directory: DirectoryClient): Whereabouts {
  const last = new Map<string, Address>()
  const present: Whereabouts = {
    async locate(name) {
      const address = await locate(directory, name)
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
   * @throws {ChatError} `unknown-user` when that was not within `seconds`, `no-directory`
   */
  arrival(directory: DirectoryClient, name: string, seconds: number): Promise<void>
}

export function arrivals(): Arrivals {
  const waiting = new Map<string, { resolve(): void; reject(error: ChatError): void }>()
  return {
    presence(name, online) {
      if (online) waiting.get(name)?.resolve()
    },
    giveUp() {
      const why = new ChatError('no-directory', 'the directory tells no more who comes')
      for (const { reject } of waiting.values()) reject(why)
    },
    async arrival(directory, name, seconds) {
      const arrived = ignorable(new Promise<void>((resolve, reject) => waiting.set(name, { resolve, reject })))
      try {
        await directory.watch([name])
        await withDeadline(arrived, seconds * 1000, name)
      } catch (cause) {
        if (!(cause instanceof ChatError) || cause.code !== 'timeout') throw cause
        throw new ChatError('unknown-user', `${name} did not come online within ${seconds} s`, { cause })
      } finally {
        waiting.delete(name)
        // A directory that is gone tells us nothing any more by itself.
        void ignorable(directory.watch([]))
      }
    },
  }
}
