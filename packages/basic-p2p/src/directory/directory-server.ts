import { ChatError } from '@p2p-secure-chat/core/errors'
import { type Address, isLoopback } from '@p2p-secure-chat/core/net/address'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import { type Server, startServer } from '@p2p-secure-chat/core/net/server'
import type { Ends } from '@p2p-secure-chat/core/net/networks'
import type { TapSocket } from '@p2p-secure-chat/core/net/socket-channel'
import { turns } from '@p2p-secure-chat/core/limits/turns'
import type { Protocol } from '@p2p-secure-chat/core/wire/hello'
import type { Authentication } from './authentication.ts'
import { directoryReception, TURN_BYTES } from './directory-reception.ts'
import { serveDirectoryClient } from './directory-session.ts'
import { memoryRegistry, type Registry } from './registry.ts'
import { directoryLimits } from '../messages/directory.ts'

/** Connections at once: below the usual limit of 20,000 descriptors, with room for files and refusals. */
export const CONNECTION_LIMIT = 19_000

export interface DirectoryOptions extends Address {
  /** The peer protocol whose users this directory lists. */
  readonly rung: Protocol
  readonly authentication: Authentication | null
  readonly publicAddresses?: readonly string[]
  readonly registry?: Registry
  /** Connections at once. */
  readonly limit?: number
  /** Whether somebody may connect now. */
  readonly admits?: (ends: Ends) => boolean
  /** Watches all connections. */
  readonly tap?: TapSocket | undefined
}

/**
 * Starts a directory: it registers users under names and introduces them to each other. Their conversations do not pass
 * through it.
 *
 * @throws {ChatError} `port-in-use`, `bad-address`
 */
export function startDirectory(options: DirectoryOptions): Promise<Server> {
  const { host, port, rung } = options
  const directory = {
    registry: options.registry ?? memoryRegistry(),
    turns: turns(TURN_BYTES),
    authentication: options.authentication,
    open: !isLoopback(host),
    publicAddresses: options.publicAddresses ?? [],
  }
  return startServer({
    host,
    port,
    hello: { protocol: 'directory/1', rung },
    limits: directoryLimits,
    reception: directoryReception(options.limit ?? CONNECTION_LIMIT, options.admits),
    tap: options.tap,
    serve: (channel, socket, visit) => serveDirectoryClient(channel, socket, visit, directory),
  })
}

/**
 * How long the other clients may take to answer the goodbye, in milliseconds: the user who leaves must not wait long.
 */
const STOP_DEADLINE = 300

/** A directory that a client may run inside its own process. */
export interface OwnDirectory {
  /**
   * Starts it.
   *
   * @returns false if something listens there by now, such as the directory of somebody who was faster
   * @throws {ChatError} `bad-address`
   */
  start(authentication: Authentication | null): Promise<boolean>
  /** How many clients use it besides the one around it, which has this name. */
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
