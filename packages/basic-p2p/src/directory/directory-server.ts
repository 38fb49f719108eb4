import { type Address, isLoopback } from '@p2p-secure-chat/core/net/address'
import { type Server, startServer } from '@p2p-secure-chat/core/net/server'
import type { Ends } from '@p2p-secure-chat/core/net/networks'
import type { TapSocket } from '@p2p-secure-chat/core/net/socket-channel'
import { turns } from '@p2p-secure-chat/core/limits/turns'
import type { Protocol } from '@p2p-secure-chat/core/wire/hello'
import type { Authentication } from './authentication.ts'
import { TURN } from './cost.ts'
import { directoryReception } from './directory-reception.ts'
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
 * Starts a directory: it registers users under names and introduces them to each other; what they say goes directly
 * between them.
 *
 * @throws {ChatError} `port-in-use`, `bad-address`
 */
export function startDirectory(options: DirectoryOptions): Promise<Server> {
  const { host, port, rung } = options
  const directory = {
    registry: options.registry ?? memoryRegistry(),
    turns: turns(TURN),
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
