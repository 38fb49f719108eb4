import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'

/** IP addresses of a host, in the order of the system's preference (RFC 6724). */
export type Lookup = (host: string) => Promise<readonly string[]>

/** Asks the system, which knows more than the name servers do: /etc/hosts, the local network. */
const systemLookup: Lookup = async host => {
  const found = await lookup(host, { all: true, order: 'verbatim' })
  return found.map(({ address }) => address)
}

/**
 * The addresses of a host in the order in which to try them: the families take turns, beginning with that of the
 * preferred address (RFC 8305, section 4), and none comes twice. An IP address is its own answer.
 *
 * @param limit how many at most: whoever answers for a name can give thousands
 * @throws {NodeJS.ErrnoException} as dns.lookup(): `ENOTFOUND`, `EAI_AGAIN`
 */
export async function resolve(host: string, limit: number, find: Lookup = systemLookup): Promise<string[]> {
  if (isIP(host) !== 0) return [host]
  const found = [...new Set(await find(host))]
  const [first] = found
  if (first === undefined) return []
  const family = isIP(first)
  const queues = [found.filter(one => isIP(one) === family), found.filter(one => isIP(one) !== family)]
  const order = found.flatMap((_, at) => queues.flatMap(queue => queue.slice(at, at + 1)))
  return order.slice(0, limit)
}
