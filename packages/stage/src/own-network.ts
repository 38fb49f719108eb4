import { isIP, type Socket } from 'node:net'
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import type { DirectoryOptions } from '@p2p-secure-chat/basic-p2p/directory/directory-server'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { type Address, isLoopback } from '@p2p-secure-chat/core/net/address'
import { dial } from '@p2p-secure-chat/core/net/dial'
import { listen, type Listener } from '@p2p-secure-chat/core/net/listen'
import type { Server } from '@p2p-secure-chat/core/net/server'

/** A machine that the recorder makes and that exists while it records. */
export interface Host {
  readonly address: string
  /** Locally administered (IEEE 802, the bit of 0x02), so no real machine was made with it. */
  readonly mac: string
}

export const HOST_NAMES = ['server', 'alice', 'bob'] as const

export type HostName = (typeof HOST_NAMES)[number]

/** The three machines of every capture, on one wire. */
export const HOSTS = {
  server: { address: '10.0.0.1', mac: '02:00:00:00:00:01' },
  alice: { address: '10.0.0.2', mac: '02:00:00:00:00:02' },
  bob: { address: '10.0.0.3', mac: '02:00:00:00:00:03' },
} as const satisfies Record<HostName, Host>

/** Bits of their common network. */
export const PREFIX_LENGTH = 24

export const NETWORK = `10.0.0.0/${PREFIX_LENGTH}`

/** Connections that one program of the textbook takes at once: a lesson has few. */
const LESSON_CONNECTIONS = 16

/** As node:os gives them. */
export type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>

/**
 * The textbook protects nobody, so nobody may ever rely on it, and an attack is for victims of our own: both stay on
 * this machine, or between the hosts that the recorder makes. No flag and no variable says that we are on one of those. What says it is the machine: it has
 * no interface but those with the addresses of one of our hosts, hardware address included, and such a machine has one
 * cable, which ends in our own bridge. Anyone who wanted the textbook on a real network would have to take that network
 * away first.
 *
 * @param host an IP address; a name could come to mean anything
 * @throws {ChatError} `bad-address`
 */
export function requireOwnNetwork(host: string, interfaces: Interfaces = networkInterfaces()): void {
  if (isIP(host) !== 0 && isLoopback(host)) return
  const hosts: readonly Host[] = Object.values(HOSTS)
  if (isTestHost(hosts, interfaces) && hosts.some(({ address }) => address === host)) return
  throw new ChatError('bad-address', `the lab does not connect to ${host}`, {
    hint: 'its weak programs and its attacks run on loopback and on the three hosts of the recorder alone',
  })
}

function isTestHost(hosts: readonly Host[], interfaces: Interfaces): boolean {
  const outside = Object.values(interfaces)
    .flatMap(list => list ?? [])
    .filter(({ internal }) => !internal)
  return (
    outside.length > 0 &&
    outside.every(({ address, family, mac }) =>
      hosts.some(host => host.mac === mac && (host.address === address || family === 'IPv6')),
    )
  )
}

/** listen() of core on our own network. @throws {ChatError} `bad-address`, `port-in-use` */
export async function listenHere(
  address: Address,
  onSocket: (socket: Socket) => void,
  limit = LESSON_CONNECTIONS,
): Promise<Listener> {
  requireOwnNetwork(address.host)
  return listen(address, limit, onSocket)
}

/** startDirectory() of the basic rung on our own network. @throws {ChatError} `bad-address`, `port-in-use` */
export async function startDirectoryHere(options: DirectoryOptions): Promise<Server> {
  requireOwnNetwork(options.host)
  // Only now: the program of the textbook comes by here too, and has to start fast.
  const { startDirectory } = await import('@p2p-secure-chat/basic-p2p/directory/directory-server')
  return startDirectory(options)
}

/**
 * dial() of core on our own network.
 *
 * @param from the address of ours from which to dial; by default the system takes one
 * @throws {ChatError} `bad-address`, `unreachable`, `timeout`
 */
export async function dialHere(address: Address, from?: string): Promise<Socket> {
  requireOwnNetwork(address.host)
  return dial(address, { localAddress: from })
}
