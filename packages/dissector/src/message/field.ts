import type { ProtocolDescription } from '@p2p-secure-chat/core/wire/hello'
import { type ShownField, shownFields } from '@p2p-secure-chat/core/wire/shown-field'
import { PROTOCOLS } from './protocols.ts'

/** What a field holds: a whole number, text, bytes, or the number of a packet. */
export type FieldKind = ShownField['kind'] | 'packet'

export interface FieldDescription {
  readonly kind: FieldKind
  /** What people read before its value. */
  readonly title: string
}

/** Fields that the tools compute, and those of the textbook's format, by name as those of messages are. */
const OTHER_FIELDS = {
  // Every frame
  length: { kind: 'number', title: 'Length' },
  type: { kind: 'number', title: 'Type' },
  body: { kind: 'bytes', title: 'Body' },
  protocol: { kind: 'text', title: 'Protocol of the conversation' },
  response_to: { kind: 'packet', title: 'Answer to packet' },
  response_in: { kind: 'packet', title: 'Answer in packet' },

  // Handshake
  'dh.bits': { kind: 'number', title: 'Size of the group in bits' },
  'identity.tag_status': { kind: 'text', title: 'Tag status' },
  'identity.key': { kind: 'bytes', title: 'Identity key' },
  'identity.signature': { kind: 'bytes', title: 'Signature' },
  'identity.mac': { kind: 'bytes', title: 'MAC' },
  'identity.mac_status': { kind: 'text', title: 'MAC status' },
  'confirm.status': { kind: 'text', title: 'Key confirmation' },
  safety_number: { kind: 'text', title: 'Safety number' },

  // Records
  'record.offset': { kind: 'number', title: 'Place in the key stream' },
  'record.sequence': { kind: 'number', title: 'Sequence number' },
  'record.epoch': { kind: 'number', title: 'Key updates before it' },
  'record.tag_status': { kind: 'text', title: 'Tag status' },
  'record.batch_length': { kind: 'number', title: 'Length of the batch' },
  'record.padding': { kind: 'bytes', title: 'Zeros' },

  // The textbook's format, which has no frames
  'legacy.line': { kind: 'text', title: 'Line' },
  'legacy.public': { kind: 'text', title: 'Public value' },
  'legacy.text': { kind: 'text', title: 'Text' },
  'legacy.iv': { kind: 'bytes', title: 'IV' },
  'legacy.ciphertext': { kind: 'bytes', title: 'Ciphertext' },
} as const satisfies Record<string, FieldDescription>

/**
 * Every field, by its name in Wireshark's filters without the `p2pc.` before it. A name means the same wherever it
 * stands: `name` is a user's name in NAME as in REGISTER.
 */
export function fieldsIn(protocols: readonly ProtocolDescription[]): Readonly<Record<string, FieldDescription>> {
  const types = protocols.flatMap(({ wire, records }) => [...wire, ...(records ?? [])])
  const described = types.flatMap(shownFields).map(({ name, kind, title }) => [name, { kind, title }] as const)
  return { ...OTHER_FIELDS, ...Object.fromEntries(described) }
}

export const FIELDS = fieldsIn(PROTOCOLS)

/** One field of one message. */
export interface Field {
  /** One of FIELDS. */
  readonly name: string
  /**
   * Numbers in decimal (packets too), bytes in lower-case hex, text as it is: for JSON the content of the string, for
   * statuses `good` or `bad`.
   */
  readonly value: string
  /** Where it begins in the bytes of its frame, header included, and how many bytes it has; null: it was computed. */
  readonly place: { readonly at: number; readonly length: number } | null
}

/** The first value of a field in a message or in a part of one; undefined where there is none. */
export function valueOf({ fields }: { readonly fields: readonly Field[] }, name: string): string | undefined {
  return fields.find(field => field.name === name)?.value
}
