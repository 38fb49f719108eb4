import { formatAddress } from '@p2p-secure-chat/core/net/address'
import type { Endpoint } from '../capture/segment.ts'
import type { Field, FieldName } from '../dissect/field.ts'
import type { SeenFrame } from '../dissect/observation.ts'

/** Who claims to be, or is said to be, at which endpoint. None of it is proof. */
export type Claims = Map<string, string>

/** Adds what a message says about names and addresses to what is known. */
export function learnNames(claims: Claims, frame: SeenFrame): void {
  const { connection, from, name, fields, plaintext } = frame
  const own = connection[from]
  const valueOf = (field: FieldName, among: readonly Field[] = fields) =>
    among.find(seen => seen.name === field)?.value ?? null
  const learn = (endpoint: Endpoint, who: string | null) => {
    if (who !== null) claims.set(formatAddress(endpoint), who)
  }

  if (name === 'NAME') learn(own, valueOf('name'))
  if (name === 'IDENTITY') learn(own, valueOf('name', plaintext?.fields ?? []))
  // Who asks for a name in REGISTER need not get it.
  if (name === 'REGISTERED') learn(connection.dialler, valueOf('name'))
  if (name === 'CARD') {
    const [host, port] = [valueOf('host'), Number(valueOf('port'))]
    if (host !== null && port > 0) learn({ host, port }, valueOf('name'))
  }
  if (frame.spoken === 'legacy-directory' && from === 'dialler' && !claims.has(formatAddress(own))) {
    learn(own, valueOf('legacy.line'))
  }
}
