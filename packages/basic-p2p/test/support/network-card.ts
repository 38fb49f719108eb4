import type { NetworkInterfaceInfo } from 'node:os'

/** A network card with one address, as node:os has it. */
export function card(address: string, internal = false): NetworkInterfaceInfo {
  const common = { address, netmask: '', mac: '', internal, cidr: null }
  return address.includes(':') ? { ...common, family: 'IPv6', scopeid: 0 } : { ...common, family: 'IPv4' }
}
