const IPV6_GROUPS = 8

/** Groups before an IPv4 address that travels in IPv6 (RFC 4291 section 2.5.5.2). */
const MAPPED = [0, 0, 0, 0, 0, 0xffff]

/** @param bytes the 4 bytes of an address */
export function ipv4Text(bytes: Uint8Array): string {
  return bytes.join('.')
}

/**
 * The one recommended spelling of an IPv6 address (RFC 5952 section 4).
 *
 * @param bytes the 16 bytes of an address
 */
export function ipv6Text(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 2 * IPV6_GROUPS)
  const groups = Array.from({ length: IPV6_GROUPS }, (_, i) => view.getUint16(2 * i))
  if (MAPPED.every((group, i) => groups[i] === group)) return `::ffff:${ipv4Text(bytes.subarray(12))}`

  // The first of the longest runs of zeros, if it has two or more.
  let zeros = { from: 0, length: 1 }
  for (let from = 0; from < IPV6_GROUPS; from++) {
    let length = 0
    while (groups[from + length] === 0) length += 1
    if (length > zeros.length) zeros = { from, length }
  }
  const hex = (part: readonly number[]) => part.map(group => group.toString(16)).join(':')
  if (zeros.length === 1) return hex(groups)
  return `${hex(groups.slice(0, zeros.from))}::${hex(groups.slice(zeros.from + zeros.length))}`
}
