import { BlockList } from 'node:net'
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { type Address, plainHost } from '@p2p-secure-chat/core/net/address'
import { contains, kindOf } from '../directory/address-kind.ts'

/** As node:os gives them. */
export type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>

/**
 * Why we do not dial an address that a directory gives for one of its users. Whoever runs one could otherwise have us knock
 * at doors that only we can reach: those of this machine, of its links, and of private networks that the directory is not
 * part of itself.
 *
 * @param host an IP address
 * @param directory the IP address of the directory, as our connection has it
 * @returns what is wrong with it; null where nothing is
 */
export function whyNotDialled(
  host: string,
  directory: string,
  interfaces: Interfaces = networkInterfaces(),
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

function ownNetworks(interfaces: Interfaces): BlockList {
  const networks = new BlockList()
  for (const { cidr, family } of Object.values(interfaces).flatMap(cards => cards ?? [])) {
    const [address = '', bits = ''] = cidr?.split('/') ?? []
    if (cidr !== null) networks.addSubnet(address, Number(bits), family === 'IPv6' ? 'ipv6' : 'ipv4')
  }
  return networks
}

/**
 * Whether who dials `address` reaches our own listener.
 *
 * @param address of an IP host
 * @param listener where we take calls
 */
export function isOwnListener(
  address: Address,
  listener: Address,
  interfaces: Interfaces = networkInterfaces(),
): boolean {
  if (address.port !== listener.port) return false
  const host = plainHost(address.host)
  if (listener.host === 'localhost') return host === '127.0.0.1' || host === '::1'
  if (kindOf(listener.host) !== 'unspecified') return host === listener.host
  if (listener.host === '0.0.0.0' && host.includes(':')) return false
  const own = Object.values(interfaces).flatMap(cards => cards?.map(card => card.address) ?? [])
  return ['loopback', 'unspecified'].includes(kindOf(host) ?? '') || own.includes(host)
}
