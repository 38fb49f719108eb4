import { formatAddress } from '@p2p-secure-chat/core/net/address'
import type { Connection, Side } from '../capture/stream-event.ts'
import type { Field } from '../message/field.ts'
import type { Finding, FindingCode } from '../message/finding.ts'
import { hexOf } from '../message/read-body.ts'
import { quoted } from '../message/read-message.ts'
import type { Follower } from './observation.ts'
import { type RecentRecords, recentRecords } from './record-view.ts'

/** What the textbook's server says first. */
export const PROMPT = 'Enter your username:'

const LISTEN_PORT = /^LISTEN_PORT:([0-9]{1,5})$/

/**
 * Follows a connection to the server of the textbook's format, which has no frames: one segment is taken for one message.
 *
 * @param named called with the port on which a user accepts calls
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

const BLOCK_BYTES = 16

/** Below this a public value shows a group that anybody can search through. */
const SMALL = 2n ** 64n

interface Line {
  readonly name: string
  readonly fields: readonly Field[]
  readonly findings: readonly Finding[]
  readonly says: string
}

/**
 * Follows two peers of the textbook's format: each says its public value as a decimal number, then texts, plain or as
 * `IV | AES-256-CBC`. It has no frames: one segment is taken for one message.
 */
export function legacyPeer(connection: Connection): Follower {
  const spoken = 'legacy-peer'
  let began = false
  const spoke = new Set<Side>()
  const recent = { dialler: recentRecords(), listener: recentRecords() }

  return {
    bytes(at, from, bytes, deliver) {
      if (!began) deliver({ kind: 'conversation', at, connection, spoken })
      began = true
      const first = !spoke.has(from)
      spoke.add(from)
      const digits = first ? decimalIn(bytes) : null
      const { says, ...line } = digits === null ? readSegment(bytes, recent[from], at.packet) : readPublicValue(digits)
      const frame = {
        ...line,
        at,
        connection,
        from,
        spoken,
        summary: `${line.name} ${says}`,
        bytes,
        plaintext: null,
      } as const
      deliver({ kind: 'frame', frame })
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

const found = (...codes: readonly FindingCode[]): Finding[] => codes.map(code => ({ code, detail: null }))

function field(name: string, value: string, at: number, length: number): Field {
  return { name, value, place: { at, length } }
}

function readPublicValue(digits: string): Line {
  const small = BigInt(digits) < SMALL
  return {
    name: 'legacy public value',
    fields: [field('legacy.public', digits, 0, digits.length)],
    findings: found('legacy', ...(small ? (['small-group'] as const) : [])),
    says: digits.length > 60 ? `of ${digits.length} digits` : digits,
  }
}

function readSegment(bytes: Uint8Array, recent: RecentRecords, packet: number): Line {
  const text = printedText(bytes)
  if (text === null && bytes.length >= 2 * BLOCK_BYTES && bytes.length % BLOCK_BYTES === 0) {
    const before = recent.sameIv(bytes)
    recent.remember(bytes, packet)
    const rest = bytes.length - BLOCK_BYTES
    const reuse: Finding[] = before === null ? [] : [{ code: 'iv-reuse', detail: `the same IV as in packet ${before}` }]
    return {
      name: 'legacy record',
      fields: [
        field('legacy.iv', hexOf(bytes.subarray(0, BLOCK_BYTES)), 0, BLOCK_BYTES),
        field('legacy.ciphertext', hexOf(bytes.subarray(BLOCK_BYTES)), BLOCK_BYTES, rest),
      ],
      findings: [...found('malleable'), ...reuse],
      says: 'sealed',
    }
  }
  const line = withoutLineEnd(bytes)
  const said = Buffer.from(line).toString('utf8')
  const fields = [field('legacy.text', said, 0, line.length)]
  return said === 'EOM'
    ? { name: 'legacy end', fields, findings: [], says: said }
    : { name: 'legacy text', fields, findings: found('plaintext'), says: quoted(said) }
}

function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  const last = bytes.findLastIndex(byte => byte !== 0x0d && byte !== 0x0a)
  return bytes.subarray(0, last + 1)
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Control characters other than tab and the ends of lines. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/

const DECIMAL = /^[0-9]+(?=[\r\n]*$)/

/** The bytes as text that a person could have typed; null for anything else. */
function printedText(bytes: Uint8Array): string | null {
  try {
    const text = decoder.decode(bytes)
    return CONTROL.test(text) ? null : text
  } catch {
    return null
  }
}

/** The digits of a segment that is one decimal number and nothing else; null for any other. */
export function decimalIn(bytes: Uint8Array): string | null {
  return DECIMAL.exec(Buffer.from(bytes).toString('latin1'))?.[0] ?? null
}
