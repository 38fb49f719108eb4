import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { type Address, isLoopback } from '@p2p-secure-chat/core/net/address'
import { kindOf } from './address-kind.ts'
import type { DirectoryClient } from './directory-client.ts'

/**
 * Under which address other machines reach the directory that we reach under `address`. For a directory on our own
 * machine that is the first address of this machine, in the same family where there is one.
 *
 * @returns null when they can not reach it: it listens on loopback alone, or this machine is in no network
 */
export function outsideAddress(
  address: Address,
  { open, host }: Pick<DirectoryClient, 'open' | 'host'>,
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces(),
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
