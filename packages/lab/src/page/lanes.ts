import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import type { Endpoint } from '../capture/segment.ts'
import type { Connection, Side } from '../capture/stream-event.ts'
import type { Spoken } from '../dissect/observation.ts'
import type { Claims } from './claims.ts'
import type { Lane, Viewer } from './page-data.ts'

/** What listens where a protocol with a server is spoken. */
const SERVERS: Partial<Record<Spoken, string>> = {
  'calc/1': 'calculator',
  'directory/1': 'directory',
  'legacy-directory': 'directory',
}

interface Talk {
  readonly connection: Connection
  readonly spoken: Spoken | null
}

interface Lanes {
  readonly lanes: readonly Lane[]
  /** The lane of one end of a connection, by its place. */
  readonly of: (connection: Connection, side: Side) => number
}

/**
 * Gives every host a life line. Hosts that hold several people, such as 127.0.0.1, get one for each name instead, and
 * one for each endpoint that has none. Names that only a key holder knows change how a line is called, never who has one.
 */
export function lanesOf(talks: readonly Talk[], claims: Readonly<Record<Viewer, Claims>>): Lanes {
  const servers = new Map(
    talks.flatMap(({ connection, spoken }) => {
      const server = spoken === null ? undefined : SERVERS[spoken]
      return server === undefined ? [] : [[formatAddress(connection.listener), server]]
    }),
  )
  const nameOf = (endpoint: Endpoint, viewer: Viewer) => {
    const at = formatAddress(endpoint)
    return servers.get(at) ?? claims[viewer].get(at) ?? null
  }

  const names = new Map<string, Set<string>>()
  const crowded = new Set<string>()
  const ends = talks.flatMap(({ connection: { dialler, listener } }) => [dialler, listener])
  for (const { connection } of talks) {
    if (connection.dialler.host === connection.listener.host) crowded.add(connection.dialler.host)
  }
  for (const end of ends) {
    const known = names.get(end.host) ?? new Set()
    const name = nameOf(end, 'eavesdropper')
    if (name !== null) known.add(name)
    names.set(end.host, known)
    if (known.size > 1) crowded.add(end.host)
  }

  const keyOf = (end: Endpoint) =>
    crowded.has(end.host) ? (nameOf(end, 'eavesdropper') ?? formatAddress(end)) : end.host
  // A directory stands at the edge, so that the arrows between its users do not cross its line.
  ends.sort((one, other) => Number(servers.has(formatAddress(other))) - Number(servers.has(formatAddress(one))))
  const groups = new Map<string, Endpoint[]>()
  for (const end of ends) groups.set(keyOf(end), [...(groups.get(keyOf(end)) ?? []), end])

  const lanes = [...groups.values()].map((group): Lane => {
    const called = (viewer: Viewer) => {
      const name = group.map(end => nameOf(end, viewer)).find(found => found !== null)
      return name === undefined ? null : printableLine(name)
    }
    const [first] = group
    const address = first === undefined ? '' : crowded.has(first.host) ? formatAddress(first) : first.host
    return { address, names: { eavesdropper: called('eavesdropper'), keyHolder: called('keyHolder') } }
  })
  const places = new Map([...groups.keys()].map((key, place) => [key, place]))
  return { lanes, of: (connection, side) => places.get(keyOf(connection[side])) ?? 0 }
}
