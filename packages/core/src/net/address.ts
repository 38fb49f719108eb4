import { isIPv4, isIPv6, SocketAddress } from 'node:net'
import { domainToASCII } from 'node:url'
import { ChatError } from '../errors.ts'

/** Where a program listens or is dialled. An IPv6 host stands here without brackets. */
export interface Address {
  readonly host: string
  readonly port: number
}

const PORT_HINT = 'a port is a whole number up to 65535, for example 10001; 0 lets the system pick one to listen on'

/**
 * As isIP() of node:net, which compiles a regular expression for 6 ms when it first looks for IPv6: at the start of a program
 * nearly always in vain.
 */
function ipVersion(text: string): 0 | 4 | 6 {
  if (isIPv4(text)) return 4
  const hasTwoColons = text.indexOf(':') !== text.lastIndexOf(':')
  return hasTwoColons && isIPv6(text) ? 6 : 0
}

/**
 * Reads a port number.
 *
 * @throws {ChatError} `bad-address` when it is not a whole number from 0 to 65535
 */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65_535)) {
    throw new ChatError('bad-address', `${JSON.stringify(text)} is not a valid port (0 to 65535)`, { hint: PORT_HINT })
  }
  return port
}

/** No name of a host is longer, in characters (RFC 1035, section 2.3.4). */
export const LONGEST_HOST = 253

/**
 * The one spelling of a host, so that two that are shown can be compared: IPv6 as RFC 5952 has it, IPv4 as four decimal
 * numbers, also where it is embedded as `::ffff:192.0.2.1`, and a name in lower-case ASCII (RFC 5890). The zone of an IPv6
 * address stays as it is.
 *
 * @returns null for anything that is not a host
 */
export function canonicalHost(text: string): string | null {
  if (ipVersion(text) === 6) {
    const [address = '', zone] = text.split('%')
    const plain = plainHost(new SocketAddress({ address, family: 'ipv6' }).address)
    return zone === undefined ? plain : `${plain}%${zone}`
  }
  // These would end the host in a URL, which is what the next function reads.
  if (/[\s/?#@%\\:[\]]/.test(text)) return null
  const host = domainToASCII(text)
  return host === '' || host.length > LONGEST_HOST ? null : host
}

/**
 * Reads `HOST:PORT`, `[IPv6]:PORT`, and, where a default is given, a host or a port alone.
 *
 * @returns the address with its host in canonical spelling
 * @throws {ChatError} `bad-address`
 */
export function parseAddress(text: string, defaults: Partial<Address> = {}): Address {
  const bracketed = /^\[([^\]]+)\](?::(.+))?$/.exec(text)
  if (bracketed !== null && ipVersion(bracketed[1] ?? '') !== 6) {
    throw new ChatError('bad-address', `${JSON.stringify(text)} has no IPv6 address between its brackets`)
  }
  let host: string | undefined
  let port: string | undefined
  if (bracketed !== null) [, host, port] = bracketed
  else if (ipVersion(text) !== 0) host = text
  else if (/^\d+$/.test(text) && defaults.host !== undefined) port = text
  else [, host, port] = /^([^:[\]\s]+)(?::([^:]+))?$/.exec(text) ?? []

  const written = host ?? (port === undefined ? undefined : defaults.host)
  const address = {
    host: written === undefined ? null : canonicalHost(written),
    port: port === undefined ? defaults.port : parsePort(port),
  }
  if (address.host === null || address.port === undefined) {
    throw new ChatError('bad-address', `${JSON.stringify(text)} is not HOST:PORT`)
  }
  return { host: address.host, port: address.port }
}

/** Writes an address as people type it: `127.0.0.1:10001`, `[::1]:10001`. */
export function formatAddress({ host, port }: Address): string {
  return ipVersion(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`
}

/** An IPv4 address that a dual-stack socket reports as `::ffff:192.0.2.1` (RFC 4291, section 2.5.5.2) in its plain form. */
export function plainHost(host: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host)?.[1] ?? host
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  const plain = plainHost(host)
  return plain === 'localhost' || plain === '::1' || /^127\.\d+\.\d+\.\d+$/.test(plain)
}
