import { BlockList, isIP, isIPv4 } from 'node:net'

/** What an address outside the global internet is for. */
export type AddressKind = 'unspecified' | 'loopback' | 'link-local' | 'multicast' | 'reserved' | 'private'

/** The special ranges (RFC 6890 and its registry); the first match counts. */
const RANGES: readonly (readonly [AddressKind, ...string[]])[] = [
  ['loopback', '127.0.0.0/8', '::1/128'],
  ['unspecified', '0.0.0.0/8', '::/128'],
  ['link-local', '169.254.0.0/16', 'fe80::/10'],
  ['multicast', '224.0.0.0/4', 'ff00::/8'],
  // Future use, and the broadcast address (RFC 1112, RFC 919).
  ['reserved', '240.0.0.0/4'],
  // RFC 1918, carriers' own (RFC 6598); unique local (RFC 4193) and, before them, site-local addresses (RFC 3879); those
  // of a translator of one's own (RFC 8215).
  ['private', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'],
  ['private', 'fc00::/7', 'fec0::/10', '64:ff9b:1::/48'],
]

const KINDS = RANGES.map(([kind, ...ranges]) => ({ kind, list: blockList(ranges) }))

/**
 * The kind of an IP address. One that carries an IPv4 address counts as that: IPv4-mapped and IPv4-compatible (RFC
 * 4291, section 2.5.5), translated (RFC 2765, RFC 6052) and 6to4 (RFC 3056). A zone does not matter.
 *
 * @returns null for any other address
 */
export function kindOf(address: string): AddressKind | null {
  return KINDS.find(({ list }) => contains(list, address))?.kind ?? null
}

/** A list of ranges in CIDR notation, each IPv4 range in its IPv6 forms too. */
export function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [network = '', bits = ''] = range.split('/')
    const prefix = Number(bits)
    if (!isIPv4(network)) {
      list.addSubnet(network, prefix, 'ipv6')
      continue
    }
    // A BlockList handles the mapped ones itself.
    list.addSubnet(network, prefix)
    list.addSubnet(`::${network}`, 96 + prefix, 'ipv6')
    list.addSubnet(`::ffff:0:${network}`, 96 + prefix, 'ipv6')
    list.addSubnet(`64:ff9b::${network}`, 96 + prefix, 'ipv6')
    list.addSubnet(`2002:${hexGroups(network)}::`, 16 + prefix, 'ipv6')
  }
  return list
}

/** Whether an IP address lies in a list, whatever its zone. */
export function contains(list: BlockList, address: string): boolean {
  const [plain = ''] = address.split('%')
  return list.check(plain, isIP(plain) === 4 ? 'ipv4' : 'ipv6')
}

function hexGroups(ipv4: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = ipv4.split('.').map(Number)
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}
