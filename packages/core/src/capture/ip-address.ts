/**
 * The bytes of an IP address in its usual spelling (RFC 4291, section 2.2, for IPv6): 4 or 16 of them. A zone behind
 * `%` is no part of the address.
 *
 * @throws {RangeError} for anything else
 */
export function ipBytes(host: string): Uint8Array {
  const [address = ''] = host.split('%')
  const bytes = address.includes(':') ? v6Bytes(address) : v4Bytes(address)
  if (bytes === null) throw new RangeError(`${JSON.stringify(host)} is no IP address`)
  return bytes
}

function v4Bytes(address: string): Uint8Array | null {
  const parts = address.split('.')
  if (parts.length !== 4 || !parts.every(part => /^\d{1,3}$/.test(part) && Number(part) < 256)) return null
  return Uint8Array.from(parts, Number)
}

function v6Bytes(address: string): Uint8Array | null {
  const halves = address.split('::')
  const [front = [], back = []] = halves.map(half => (half === '' ? [] : half.split(':').map(groupBytes)))
  const known = [...front, ...back]
  if (halves.length > 2 || known.includes(null)) return null
  const bytes = (groups: readonly (Uint8Array | null)[]) => groups.flatMap(group => [...(group ?? [])])
  const missing = 16 - bytes(known).length
  if (halves.length === 2 ? missing < 0 : missing !== 0) return null
  return Uint8Array.from([...bytes(front), ...Array<number>(missing).fill(0), ...bytes(back)])
}

/** Two bytes in hex; the last four bytes may be written as an IPv4 address. */
function groupBytes(group: string): Uint8Array | null {
  if (group.includes('.')) return v4Bytes(group)
  if (!/^[0-9a-f]{1,4}$/i.test(group)) return null
  const value = Number.parseInt(group, 16)
  return Uint8Array.of(value >> 8, value & 0xff)
}
