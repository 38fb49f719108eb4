import { BlockList } from 'node:net'
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { type Address, isLoopback, plainHost } from '@p2p-secure-chat/core/net/address'
import { contains, kindOf } from './address-kind.ts'
import type { DirectoryClient } from './directory-client.ts'

/** As node:os gives them. */
export type NetworkInterfaces = NodeJS.Dict<NetworkInterfaceInfo[]>

/**
 * Why we do not dial an address that a directory gives for one of its users. Otherwise anyone who runs a directory
 * could make us connect to ports that only we can reach: on this machine, on its links, and in private networks that
 * the directory itself is not in.
 *
 * @param host an IP address
 * @param directory the IP address of the directory, as our connection has it
 * @returns what is wrong with it; null if nothing is
 */
export function whyNotDialled(
  host: string,
  directory: string,
  interfaces: NetworkInterfaces = networkInterfaces(),
): string | null {
  const kind = kindOf(host)
  switch (kind) {
    case null:
      return null
    case 'loopback':
      return kindOf(directory) === 'loopback' ? null : 'which means this machine'
    case 'private':
      if (kindOf(directory) === 'private' || contains(ownNetworks(interfaces), host)) return null
      return 'in a private network that this machine is not in (only a directory there, by its address there, may name it)'
    default:
      return `which is a ${kind} address`
  }
}

function ownNetworks(interfaces: NetworkInterfaces): BlockList {
  const networks = new BlockList()
  for (const { cidr, family } of Object.values(interfaces).flatMap(cards => cards ?? [])) {
    const [address = '', bits = ''] = cidr?.split('/') ?? []
    if (cidr !== null) networks.addSubnet(address, Number(bits), family === 'IPv6' ? 'ipv6' : 'ipv4')
  }
  return networks
}

/**
 * Whether `address` leads to our own listener.
 *
 * @param address with an IP address as host
 * @param listener where we take calls
 */
export function isOwnListener(
  address: Address,
  listener: Address,
  interfaces: NetworkInterfaces = networkInterfaces(),
): boolean {
  if (address.port !== listener.port) return false
  const host = plainHost(address.host)
  if (listener.host === 'localhost') return host === '127.0.0.1' || host === '::1'
  if (kindOf(listener.host) !== 'unspecified') return host === listener.host
  if (listener.host === '0.0.0.0' && host.includes(':')) return false
  const own = Object.values(interfaces).flatMap(cards => cards?.map(card => card.address) ?? [])
  return ['loopback', 'unspecified'].includes(kindOf(host) ?? '') || own.includes(host)
}

/**
 * The address at which other machines reach the directory that we reach at `address`. For a directory on our own
 * machine that is the first address of this machine, if possible in the same family.
 *
 * @returns null if they cannot reach it: it listens on loopback only, or this machine is in no network
 */
export function outsideAddress(
  address: Address,
  { open, host }: Pick<DirectoryClient, 'open' | 'host'>,
  interfaces: NetworkInterfaces = networkInterfaces(),
): Address | null {
  if (!isLoopback(host)) return address
  if (!open) return null
  const family = host.includes(':') ? 'IPv6' : 'IPv4'
  const outside = Object.values(interfaces)
    .flatMap(cards => cards ?? [])
    .filter(card => !card.internal && kindOf(card.address) !== 'link-local')
  const chosen = outside.find(card => card.family === family) ?? outside[0]
  return chosen === undefined ? null : { host: chosen.address, port: address.port }
}
