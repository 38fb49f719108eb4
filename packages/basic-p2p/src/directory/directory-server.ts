import { type Address, isLoopback } from '@p2p-secure-chat/core/net/address'
import { type Server, startServer } from '@p2p-secure-chat/core/net/server'
import type { TapSocket } from '@p2p-secure-chat/core/net/socket-tap'
import { turns } from '@p2p-secure-chat/core/net/turns'
import type { Protocol } from '@p2p-secure-chat/core/wire/hello'
import { admission } from './admission.ts'
import type { Authentication } from './authentication.ts'
import { TURN } from './cost.ts'
import { directoryLimits } from './directory-messages.ts'
import { serveDirectoryClient } from './directory-session.ts'
import { memoryRegistry, type Registry } from './registry.ts'

/** Connections at once: below the usual limit of 20,000 descriptors, with room for files and refusals. */
export const CONNECTION_LIMIT = 19_000

export interface DirectoryOptions extends Address {
  /** The peer protocol whose users this directory lists. */
  readonly rung: Protocol
  readonly authentication: Authentication | null
  readonly publicAddresses?: readonly string[]
  readonly registry?: Registry
  readonly limit?: number
  /** Whether somebody at this IP address may connect now. */
  readonly admits?: (host: string) => boolean
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
    capacity: options.limit ?? CONNECTION_LIMIT,
    admits: options.admits ?? admission(),
    tap: options.tap,
    serve: (channel, socket, settle) => serveDirectoryClient(channel, socket, settle, directory),
  })
}
