import { isIP } from 'node:net'
import { ChatError } from '../errors.ts'

/** Where a program listens or is dialled. An IPv6 host stands here without brackets. */
export interface Address {
  readonly host: string
  readonly port: number
}

const PORT_HINT = 'a port is a whole number up to 65535, for example 10001; 0 lets the system pick one to listen on'

/**
 * Reads a port number.
 *
 * @throws {ChatError} `bad-address` when it is not a whole number from 0 to 65535
 */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65_535)) {
    throw new ChatError('bad-address', `${JSON.stringify(text)} is no port (0 to 65535)`, { hint: PORT_HINT })
  }
  return port
}

/**
 * Reads `HOST:PORT`, `[IPv6]:PORT`, and, where a default is given, a host or a port alone.
 *
 * @throws {ChatError} `bad-address`
 */
export function parseAddress(text: string, defaults: Partial<Address> = {}): Address {
  const bracketed = /^\[([^\]]+)\](?::(.+))?$/.exec(text)
  if (bracketed !== null && isIP(bracketed[1] ?? '') !== 6) {
    throw new ChatError('bad-address', `${JSON.stringify(text)} has no IPv6 address between its brackets`)
  }
  let host: string | undefined
  let port: string | undefined
  if (bracketed !== null) [, host, port] = bracketed
  else if (isIP(text) !== 0) host = text
  else if (/^\d+$/.test(text) && defaults.host !== undefined) port = text
  else [, host, port] = /^([^:[\]\s]+)(?::([^:]+))?$/.exec(text) ?? []

  const address = {
    host: host ?? (port === undefined ? undefined : defaults.host),
    port: port === undefined ? defaults.port : parsePort(port),
  }
  if (address.host === undefined || address.port === undefined) {
    throw new ChatError('bad-address', `${JSON.stringify(text)} is not HOST:PORT`)
  }
  return { host: address.host, port: address.port }
}

/** Writes an address as people type it: `127.0.0.1:10001`, `[::1]:10001`. */
export function formatAddress({ host, port }: Address): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`
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
