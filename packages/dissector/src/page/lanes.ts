import { formatAddress } from '@p2p-secure-chat/core/net/address'
import type { Connection, Side } from '../capture/stream-event.ts'
import { type NameBook, SERVERS } from '../dissect/name-book.ts'
import type { Spoken } from '../dissect/observation.ts'
import type { Lane, Viewer } from './page-data.ts'

interface Talk {
  readonly connection: Connection
  readonly spoken: Spoken | null
}

/** One end of a talk. */
interface End extends Talk {
  readonly side: Side
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
export function lanesOf(talks: readonly Talk[], books: Readonly<Record<Viewer, NameBook>>): Lanes {
  const hostOf = ({ connection, side }: End) => connection[side].host
  const nameOf = ({ connection, side, spoken }: End, viewer: Viewer) => books[viewer].nameOf(connection, side, spoken)
  const serves = ({ side, spoken }: End) => side === 'listener' && spoken !== null && spoken in SERVERS

  const ends = talks.flatMap(talk => (['dialler', 'listener'] as const).map((side): End => ({ ...talk, side })))
  // A server stands at the edge, so that the arrows between its users do not cross its line.
  ends.sort((one, other) => Number(serves(other)) - Number(serves(one)))

  const names = new Map<string, Set<string>>()
  for (const end of ends) {
    const name = nameOf(end, 'eavesdropper')
    if (name !== null) names.set(hostOf(end), (names.get(hostOf(end)) ?? new Set()).add(name))
  }
  const shared = new Set(
    talks.map(({ connection: { dialler, listener } }) => dialler.host === listener.host && dialler.host),
  )
  const crowded = (end: End) => shared.has(hostOf(end)) || (names.get(hostOf(end))?.size ?? 0) > 1

  const keyOf = (end: End) =>
    crowded(end) ? (nameOf(end, 'eavesdropper') ?? formatAddress(end.connection[end.side])) : hostOf(end)
  const groups = new Map<string, { readonly place: number; readonly first: End; readonly ends: End[] }>()
  const places = new Map<string, number>()
  for (const end of ends) {
    const group = groups.get(keyOf(end)) ?? { place: groups.size, first: end, ends: [] }
    groups.set(keyOf(end), group)
    group.ends.push(end)
    places.set(`${end.connection.number} ${end.side}`, group.place)
  }

  const lanes = [...groups.values()].map(({ first, ends: mine }): Lane => {
    const called = (viewer: Viewer) => mine.map(end => nameOf(end, viewer)).find(name => name !== null) ?? null
    const address = crowded(first) ? formatAddress(first.connection[first.side]) : hostOf(first)
    return { address, names: { eavesdropper: called('eavesdropper'), keyHolder: called('keyHolder') } }
  })
  return { lanes, of: (connection, side) => places.get(`${connection.number} ${side}`) ?? 0 }
}
