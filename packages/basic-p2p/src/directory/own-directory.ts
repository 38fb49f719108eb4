import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Address } from '@p2p-secure-chat/core/net/address'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import type { Server } from '@p2p-secure-chat/core/net/server'
import type { Protocol } from '@p2p-secure-chat/core/wire/hello'
import type { Authentication } from './authentication.ts'
import { startDirectory } from './directory-server.ts'
import { memoryRegistry } from './registry.ts'

/** How long the other clients may take to answer the goodbye, in milliseconds; who leaves does not want to wait. */
const STOP_DEADLINE = 300

/** A directory that a client may run inside its own process. */
export interface OwnDirectory {
  /**
   * Starts it.
   *
   * @returns false when something listens there by now, such as the directory of somebody who was faster
   * @throws {ChatError} `bad-address`
   */
  start(authentication: Authentication | null): Promise<boolean>
  /** How many use it, the client around it apart, which has this name. */
  others(self: string): number
  /** Says goodbye to its users, if it was started. Never rejects. */
  stop(): Promise<void>
}

/** @param address an address of this machine */
export function ownDirectory(address: Address, rung: Protocol): OwnDirectory {
  const registry = memoryRegistry()
  let server: Server | null = null
  return {
    others: self => registry.countOthers(self),

    async start(authentication) {
      try {
        server = await startDirectory({ ...address, rung, authentication, registry })
        return true
      } catch (error) {
        if (error instanceof ChatError && error.code === 'port-in-use') return false
        throw error
      }
    },

    async stop() {
      if (server !== null) await withDeadline(server.stop(), STOP_DEADLINE, 'the goodbyes').catch(() => undefined)
    },
  }
}
