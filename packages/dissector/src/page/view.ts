import { printable, printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'
import type { SeenFrame } from '../dissect/observation.ts'
import { type Field, FIELDS } from '../message/field.ts'
import type { Finding } from '../message/finding.ts'
import { entropyOf, expectedEntropy } from './entropy.ts'
import { explain, type Explanation, situationOf } from './lessons.ts'
import type { Layer, PageField, PageFinding, View } from './page-data.ts'

/** Bytes that a layer keeps of a large message: its beginning, and the end, where the tag stands. */
const HEAD_BYTES = 3_840
const TAIL_BYTES = 256

/** Characters that the page keeps of a value: nobody reads more of a ciphertext. */
const VALUE_CHARACTERS = 512

/**
 * Characters that a layer, and what is inside it, keep in their fields, frames and findings: a message of 64 KiB may say
 * thousands of things, and a page has thousands of messages.
 */
const LAYER_CHARACTERS = 8_192

/** Characters around each of them in the file. */
const OVERHEAD = 100

/** A body that claims to be larger was refused anyway; the curve is flat out there. */
const MEASURABLE = 100_000

/** Fields that say that what they hold cannot be read as it is. */
const SEALED: readonly string[] = ['record.ciphertext', 'identity.ciphertext', 'legacy.ciphertext']

/** Gives an explanation its number in the page, which has each of them once. */
export type NumberOf = (lesson: Explanation) => number

/** What the dissector of one viewer made of a message, as the page shows it. */
export function viewOf(frame: SeenFrame, numberOf: NumberOf): View {
  const { spoken, name, plaintext } = frame
  const field = (inside: boolean, message: string | null, base: number) => (seen: Field) =>
    pageField(seen, base, numberOf(explain(seen.name, message, situationOf(spoken, name, inside))))
  const header = spoken?.startsWith('legacy') ? 0 : HEADER_BYTES
  const inner = plaintext?.frames ?? []
  const said = inner.length === 0 ? [] : [inner.map(part => part.summary).join(', ')]
  return {
    summary: printableLine([wordsOf(frame), ...said].join(': '), VALUE_CHARACTERS),
    state: !frame.fields.some(seen => SEALED.includes(seen.name)) ? 'open' : plaintext === null ? 'sealed' : 'opened',
    findings: affordable(
      [...frame.findings, ...inner.flatMap(({ findings }) => findings)].map(pageFinding),
      ({ detail }) => detail ?? '',
    ),
    wire: layer(frame.bytes, header, frame.fields.map(field(false, name, 0))),
    plaintext:
      plaintext &&
      layer(plaintext.bytes, 0, [
        ...plaintext.fields.map(field(true, name === 'IDENTITY' ? name : null, 0)),
        ...inner.flatMap(part => part.fields.map(field(true, part.name, part.at))),
      ]),
    frames: affordable(
      inner.map(part => ({ name: part.name, summary: wordsOf(part), at: part.at, size: part.bytes.length })),
      ({ summary }) => summary,
    ),
  }
}

/** The first ones, as many as a layer keeps, and one at least. */
function affordable<T>(all: readonly T[], textOf: (one: T) => string): T[] {
  let cost = 0
  return all.filter((one, i) => (cost += OVERHEAD + textOf(one).length) <= LAYER_CHARACTERS || i === 0)
}

/** What a message says, without its name, which the page shows anyway. */
function wordsOf({ name, summary }: { readonly name: string; readonly summary: string }): string {
  return printableLine(summary.startsWith(name) ? summary.slice(name.length).trimStart() : summary)
}

export function pageFinding({ code, detail }: Finding): PageFinding {
  return { code, detail: detail && printableLine(detail) }
}

function pageField({ name, value, place }: Field, base: number, lesson: number): PageField {
  return {
    name,
    title: FIELDS[name]?.title ?? name,
    value: printable(value, VALUE_CHARACTERS),
    place: place && [base + place.at, place.length],
    lesson,
  }
}

function layer(bytes: Uint8Array, header: number, fields: PageField[]): Layer {
  const size = bytes.length
  const body = bytes.subarray(header)
  const cut = size > HEAD_BYTES + TAIL_BYTES
  const piece = (at: number, end: number) => ({ at, data: Buffer.from(bytes.subarray(at, end)).toString('base64') })
  return {
    size,
    pieces: cut ? [piece(0, HEAD_BYTES), piece(size - TAIL_BYTES, size)] : [piece(0, size)],
    fields: affordable(
      fields.sort((one, other) => placeOf(one) - placeOf(other)),
      ({ value }) => value,
    ),
    entropy: rounded(entropyOf(body)),
    measured: body.length,
    expected: body.length === 0 ? 0 : rounded(expectedEntropy(Math.min(body.length, MEASURABLE))),
  }
}

/** Fields in the order of their bytes, and after them those that were computed. */
const placeOf = ({ place }: PageField) => place?.[0] ?? Number.MAX_SAFE_INTEGER

const rounded = (bits: number) => Math.round(bits * 1000) / 1000
