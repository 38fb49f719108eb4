import type { Socket } from 'node:net'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { type Address, isLoopback } from '@p2p-secure-chat/core/net/address'
import { listen } from '@p2p-secure-chat/core/net/listen'
import { socketChannel } from '@p2p-secure-chat/core/net/socket-channel'
import { helloMessage, type Protocol } from '@p2p-secure-chat/core/wire/hello'
import { ignorable } from '@p2p-secure-chat/core/wire/ignorable'
import { hangUp } from '../hang-up.ts'
import type { Authentication } from './authentication.ts'
import { directoryLimits } from './directory-messages.ts'
import { type DirectorySession, serveDirectoryClient } from './directory-session.ts'
import { memoryRegistry, type Registry } from './registry.ts'

/** Connections at once: below the usual limit of 20,000 descriptors, with room for files and refusals. */
export const CONNECTION_LIMIT = 19_000

/** Connections above the limit that are told why they are refused; beyond, the system closes them unheard. */
const REFUSAL_ROOM = 64

/** How long clients have to answer our goodbye, in milliseconds. */
const STOP_DEADLINE = 1_500

export interface DirectoryOptions extends Address {
  /** The peer protocol whose users this directory lists. */
  readonly rung: Protocol
  readonly authentication: Authentication | null
  readonly publicAddresses?: readonly string[]
  readonly registry?: Registry
  readonly limit?: number
}

/**
 * Starts a directory: it registers users under names and introduces them to each other; what they say goes directly
 * between them.
 *
 * @throws {ChatError} `port-in-use`, `bad-address`
 */
export async function startDirectory(options: DirectoryOptions): Promise<Address & { stop(): Promise<void> }> {
  const limit = options.limit ?? CONNECTION_LIMIT
  const sessions = new Set<DirectorySession>()
  const directory = {
    rung: options.rung,
    registry: options.registry ?? memoryRegistry(),
    authentication: options.authentication,
    open: !isLoopback(options.host),
    publicAddresses: options.publicAddresses ?? [],
  }

  function onSocket(socket: Socket): void {
    if (sessions.size >= limit) return refuse(socket, options.rung)
    const session = serveDirectoryClient(socket, directory)
    sessions.add(session)
    void session.done.then(() => sessions.delete(session))
  }

  const listener = await listen(options, limit + REFUSAL_ROOM, onSocket)
  return {
    host: listener.host,
    port: listener.port,
    async stop() {
      listener.stop()
      const overdue = setTimeout(() => listener.destroyAll(), STOP_DEADLINE)
      for (const session of sessions) session.leave()
      await Promise.all([...sessions].map(session => session.done))
      clearTimeout(overdue)
      listener.destroyAll()
    },
  }
}

/** Says hello first, so that the client knows it came to the right door. */
function refuse(socket: Socket, rung: Protocol): void {
  const channel = socketChannel(socket, directoryLimits)
  void ignorable(channel.send(helloMessage({ protocol: 'directory/1', rung })))
  void hangUp(channel, new ChatError('too-many', 'this directory has as many users as it takes'))
}
