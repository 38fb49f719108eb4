import { formatAddress } from '@p2p-secure-chat/core/net/address'
import type { Connection } from '../capture/stream-event.ts'
import type { Follower } from './follower.ts'
import type { Field } from './field.ts'
import { quoted } from './summary.ts'

/** What the textbook's server says first. */
export const PROMPT = 'Enter your username:'

const LISTEN_PORT = /^LISTEN_PORT:([0-9]{1,5})$/

/**
 * Follows a connection to the server of the textbook's format, which has no frames: one segment is taken for one message.
 *
 * @param named is told the port on which a user takes calls
 */
export function legacyDirectory(connection: Connection, named: (port: number) => void): Follower {
  let began = false
  return {
    bytes(at, from, bytes, deliver) {
      const spoken = 'legacy-directory'
      if (!began) deliver({ kind: 'conversation', at, connection, spoken })
      began = true
      const fields = linesOf(bytes)
      for (const { value } of fields) {
        const [, port] = LISTEN_PORT.exec(value) ?? []
        if (port !== undefined) named(Number(port))
      }
      const name = 'legacy line'
      const summary = `${name} ${fields.map(({ value }) => quoted(value)).join(', ')}`.trimEnd()
      deliver({
        kind: 'frame',
        frame: { at, connection, from, spoken, name, summary, bytes, fields, findings: [], plaintext: null },
      })
    },
    gap(at, from, missing, deliver) {
      const detail = `${missing} bytes of ${formatAddress(connection[from])}`
      if (began) deliver({ kind: 'finding', at, connection, finding: { code: 'gap', detail } })
    },
    end(at, how, deliver) {
      if (began && how !== null) deliver({ kind: 'end', at, connection })
    },
  }
}

function linesOf(bytes: Uint8Array): Field[] {
  const fields: Field[] = []
  for (let from = 0; from < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, from)
    const end = newline === -1 ? bytes.length : newline
    const to = end > from && bytes[end - 1] === 0x0d ? end - 1 : end
    const value = Buffer.from(bytes.subarray(from, to)).toString('utf8')
    if (to > from) fields.push({ name: 'legacy.line', value, place: { at: from, length: to - from } })
    from = end + 1
  }
  return fields
}
