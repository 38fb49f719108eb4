import { isIPv6 } from 'node:net'

/** Groups of an IPv6 address that name the network: whoever has one address of it has all (RFC 4291, section 2.5.4). */
const NETWORK_GROUPS = 4

const GROUPS = 8

/**
 * What of an address one user can not choose: all of IPv4, the first 64 bits of IPv6. Limits for each source go by it.
 *
 * @param host an IP address as a socket gives it
 */
export function networkOf(host: string): string {
  if (!isIPv6(host)) return host
  const [front = [], back = []] = host.split('::').map(part => part.split(':').filter(Boolean))
  const zeros = Array<string>(GROUPS - front.length - back.length).fill('0')
  return [...front, ...zeros, ...back].slice(0, NETWORK_GROUPS).join(':')
}
