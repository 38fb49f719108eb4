import { isIP } from 'node:net'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { type Address, isLoopback } from '@p2p-secure-chat/core/net/address'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import type { DirectoryClient } from '../directory/directory-client.ts'

/**
 * Asks the directory where somebody takes calls, and believes no more than that: an address of another machine's
 * loopback is none.
 *
 * @throws {ChatError} `unknown-user`, `declined` when they take no calls, `unreachable` for an address that makes no sense
 */
export async function locate(directory: DirectoryClient, name: string): Promise<Address> {
  const { host, port } = await directory.lookup(name)
  if (port === null) throw new ChatError('declined', `${name} takes no calls`)
  if (isIP(host) === 0 || (isLoopback(host) && !isLoopback(directory.host))) {
    throw new ChatError('unreachable', `the directory gives ${JSON.stringify(host)} as the address of ${name}`)
  }
  return { host, port }
}

/** Tells who waits for a name that it came online. */
export interface Arrivals {
  /** To be called with every presence event. */
  presence(name: string, online: boolean): void
  /**
   * Waits until the directory says that `name` is online.
   *
   * @throws {ChatError} `unknown-user` when it did not come within `seconds`
   */
  arrival(directory: DirectoryClient, name: string, seconds: number): Promise<void>
}

export function arrivals(): Arrivals {
  const waiting = new Map<string, () => void>()
  return {
    presence(name, online) {
      if (online) waiting.get(name)?.()
    },
    async arrival(directory, name, seconds) {
      const arrived = new Promise<void>(resolve => waiting.set(name, resolve))
      try {
        await directory.watch([name])
        await withDeadline(arrived, seconds * 1000, name)
      } catch (cause) {
        if (!(cause instanceof ChatError) || cause.code !== 'timeout') throw cause
        throw new ChatError('unknown-user', `${name} did not come online within ${seconds} seconds`, { cause })
      } finally {
        waiting.delete(name)
      }
    },
  }
}
