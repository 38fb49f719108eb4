import { isName } from '@p2p-secure-chat/basic-p2p/directory/name'
import { formatAddress } from '@p2p-secure-chat/core/net/address'
import type { Endpoint } from '@p2p-secure-chat/core/capture/tcp-segment'
import type { Connection, Side } from '../capture/stream-event.ts'
import { valueOf } from '../message/field.ts'
import { boundedMap } from './bounded-map.ts'
import type { SeenFrame, Spoken } from './observation.ts'

/** Names, endpoints and hosts that are remembered, each. */
const LIMIT = 4_096

/** Names of the servers, by their protocol. */
export const SERVERS: Partial<Record<Spoken, string>> = {
  'calc/1': 'calculator',
  'directory/1': 'directory',
  'legacy-directory': 'directory',
}

/** Who is where, as the capture itself tells it. A name is a claim; a capture without keys holds no proof of any. */
export interface NameBook {
  /** Adds what a message says about names and addresses. */
  learn(frame: SeenFrame): void
  /** The name at one end of a connection; null while nobody has told. */
  nameOf(connection: Connection, side: Side, spoken: Spoken | null): string | null
}

export function nameBook(): NameBook {
  /** By connection and side, by endpoint, and all that were heard of a host. */
  const sides = boundedMap<string, string>(LIMIT)
  const endpoints = boundedMap<string, string>(LIMIT)
  const hosts = boundedMap<string, { readonly name: string; readonly alone: boolean }>(LIMIT)
  /** Ports of those who asked for a name, by connection: only the answer says whether they have it. */
  const asked = boundedMap<number, number>(LIMIT)

  function note({ host, port }: Endpoint, name: string): void {
    endpoints.set(formatAddress({ host, port }), name)
    const known = hosts.get(host)
    hosts.set(host, { name, alone: known === undefined || (known.alone && known.name === name) })
  }

  /** @param port where they take calls; 0: not known */
  function know(connection: Connection, side: Side, name: string, port: number): void {
    sides.set(`${connection.number} ${side}`, name)
    note(connection[side], name)
    if (port > 0) note({ host: connection[side].host, port }, name)
  }

  function learnCard(frame: SeenFrame, name: string): void {
    const [host, port] = [valueOf(frame, 'host') ?? '', Number(valueOf(frame, 'port') ?? 0)]
    if (host !== '' && port > 0) note({ host, port }, name)
  }

  /** The first line of a user of the textbook is the name; a port and commands follow. */
  function learnLine(connection: Connection, line: string): void {
    if (isName(line) && sides.get(`${connection.number} dialler`) === undefined) know(connection, 'dialler', line, 0)
  }

  return {
    learn(frame) {
      const { connection, from, plaintext } = frame
      if (frame.spoken === 'legacy-directory' && from === 'dialler')
        return learnLine(connection, valueOf(frame, 'legacy.line') ?? '')
      const name = valueOf(frame.name === 'IDENTITY' && plaintext !== null ? plaintext : frame, 'name')
      if (name === undefined || !isName(name)) return
      const port = Number(valueOf(frame, 'port') ?? 0)
      switch (frame.name) {
        case 'CARD':
          return learnCard(frame, name)
        case 'REGISTER':
          return asked.set(connection.number, port)
        case 'REGISTERED':
          return know(connection, 'dialler', name, asked.get(connection.number) ?? 0)
        case 'NAME':
        case 'IDENTITY':
          return know(connection, from, name, 0)
      }
    },

    nameOf(connection, side, spoken) {
      const own = connection[side]
      const claimed = sides.get(`${connection.number} ${side}`)
      if (claimed !== undefined) return claimed
      // A client of a directory has no name before the answer, even if other users dial from the same host.
      const server = spoken === null ? undefined : SERVERS[spoken]
      if (server !== undefined) return side === 'listener' ? server : null
      const told = endpoints.get(formatAddress(own))
      if (told !== undefined) return told
      // The only user of a host owns all its ports, outgoing ones included.
      const host = hosts.get(own.host)
      return host?.alone && connection.dialler.host !== connection.listener.host ? host.name : null
    },
  }
}
