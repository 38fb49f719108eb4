import type { Resident } from '@p2p-secure-chat/stage/town'

/** The fingerprint of the key of a client, as it says itself. @throws {Error} on rungs without keys */
export function fingerprintOf({ name, events }: Resident): string {
  const ready = events.find(({ event }) => event === 'ready')
  if (typeof ready?.fingerprint !== 'string') throw new Error(`${name} has no key`)
  return ready.fingerprint
}
