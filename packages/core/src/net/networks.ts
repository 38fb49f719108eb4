import { isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { isLoopback, plainHost } from './address.ts'

/** Groups of an IPv6 address, of 16 bits each. */
const GROUPS = 8

/** The two ends of a connection, as a socket has them. */
export interface Ends {
  readonly remoteAddress?: string | undefined
  readonly localAddress?: string | undefined
}

/**
 * The networks that count together, where one user can have many addresses: limits for each source go by them.
 *
 * An IPv4 address counts alone, and so does each loopback address. Of IPv6 (RFC 4291, section 2.5.4) these are the /64,
 * the /56 and the /48. On a link anybody can have any number of link-local addresses (RFC 4291, section 2.5.6) and of
 * unique-local prefixes (RFC 4193), so there all of one kind are one network for each network interface.
 *
 * @returns their names, the narrowest first: one, or three, which belong to NETWORK_SHARES in this order
 */
export function networksOf({ remoteAddress = '', localAddress = '' }: Ends): readonly string[] {
  const host = plainHost(remoteAddress)
  if (!isIPv6(host) || isLoopback(host)) return [host]
  const [address = '', zone] = host.split('%')
  const groups = groupsOf(address)
  const [first = 0, second = 0, third = 0, fourth = 0] = groups
  const where = zone ?? interfaceOf(localAddress)
  if ((first & 0xffc0) === 0xfe80) return [`link-local%${where}`]
  if ((first & 0xfe00) === 0xfc00) return [`unique-local%${where}`]
  const site = [first, second, third].map(hex).join(':')
  return [`${site}:${hex(fourth)}::/64`, `${site}:${hex(fourth & 0xff00)}::/56`, `${site}::/48`]
}

function groupsOf(address: string): number[] {
  const [front = [], back = []] = address.split('::').map(part => part.split(':').filter(Boolean))
  const zeros = Array<string>(Math.max(0, GROUPS - front.length - back.length)).fill('0')
  return [...front, ...zeros, ...back].map(group => Number.parseInt(group, 16))
}

function hex(group: number): string {
  return group.toString(16)
}

/** The interface that has an address of ours; '' for none. */
function interfaceOf(localAddress: string): string {
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    if (addresses?.some(({ address }) => address === localAddress)) return name
  }
  return ''
}

/** How long a network is remembered, in milliseconds: a daily caller is known each time. */
const MEMORY = 24 * 60 * 60_000

/** Networks that are remembered. */
const NETWORK_LIMIT = 4_096

/**
 * Networks from which somebody was served, which takes a proven key on the rungs that have keys. They are kept in memory
 * alone: a file would tell its reader who called from where.
 */
export interface SeenNetworks {
  has(network: string): boolean
  add(network: string): void
}

/** @param now the time in milliseconds, of any monotonic clock */
export function seenNetworks(now: () => number = () => performance.now()): SeenNetworks {
  const seenAt = new Map<string, number>()
  return {
    has: network => now() - (seenAt.get(network) ?? Number.NEGATIVE_INFINITY) < MEMORY,
    add(network) {
      seenAt.delete(network)
      const [oldest] = seenAt.keys()
      if (seenAt.size >= NETWORK_LIMIT && oldest !== undefined) seenAt.delete(oldest)
      seenAt.set(network, now())
    },
  }
}
