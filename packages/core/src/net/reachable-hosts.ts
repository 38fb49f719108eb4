import { isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { isLoopback } from './address.ts'

/** The addresses of this machine, by its interfaces. */
export type Interfaces = ReturnType<typeof networkInterfaces>

/** Addresses that mean something on one link only, and nothing in a line that somebody copies (RFC 4291, section 2.5.6). */
const LINK_LOCAL = /^fe[89ab][0-9a-f]:/i

/**
 * The hosts under which others on the network reach a server of this machine.
 *
 * @param host on which it listens; `0.0.0.0` is every IPv4 address, `::` every address
 * @returns none if the machine has no network, or the server listens on loopback
 */
export function reachableHosts(host: string, interfaces: Interfaces = networkInterfaces()): readonly string[] {
  if (host !== '0.0.0.0' && host !== '::') return isLoopback(host) ? [] : [host]
  const addresses = Object.values(interfaces).flatMap(each => each ?? [])
  return addresses
    .filter(({ internal, address }) => !internal && !LINK_LOCAL.test(address))
    .filter(({ address }) => host === '::' || !isIPv6(address))
    .map(({ address }) => address)
}
