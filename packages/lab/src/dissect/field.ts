/** What a field holds: a whole number, text, bytes, or the number of a packet. */
export type FieldKind = 'number' | 'text' | 'bytes' | 'packet'

interface Description {
  readonly kind: FieldKind
  /** What people read before its value. */
  readonly title: string
}

/**
 * Every field of every message, by its name in Wireshark's filters without the `p2pc.` before it. The Wireshark
 * dissector has exactly these; a test keeps the two equal. A name means the same wherever it stands: `name` is a user's
 * name in NAME as in REGISTER.
 */
export const FIELDS = {
  // Every frame
  length: { kind: 'number', title: 'Length' },
  type: { kind: 'number', title: 'Type' },
  body: { kind: 'bytes', title: 'Body' },
  protocol: { kind: 'text', title: 'Protocol of the conversation' },
  response_to: { kind: 'packet', title: 'Answer to packet' },
  response_in: { kind: 'packet', title: 'Answer in packet' },

  // Of several messages
  id: { kind: 'number', title: 'Id' },
  name: { kind: 'text', title: 'Name' },
  nonce: { kind: 'text', title: 'Nonce' },
  code: { kind: 'text', title: 'Code' },
  message: { kind: 'text', title: 'Message' },
  fingerprint: { kind: 'text', title: 'Fingerprint' },
  host: { kind: 'text', title: 'Host' },
  port: { kind: 'number', title: 'Port' },

  // HELLO
  magic: { kind: 'text', title: 'Magic' },
  'hello.protocol': { kind: 'text', title: 'Protocol' },
  'hello.rung': { kind: 'text', title: 'Rung of the users' },

  // Calculator
  expression: { kind: 'text', title: 'Expression' },
  result: { kind: 'text', title: 'Result' },
  column: { kind: 'number', title: 'Column' },

  // Directory
  'welcome.open': { kind: 'text', title: 'Open to other machines' },
  'proof.key': { kind: 'text', title: 'Key of the proof' },
  'proof.nonce': { kind: 'text', title: 'Nonce of the proof' },
  'proof.address': { kind: 'text', title: 'Address of the directory' },
  'proof.signature': { kind: 'text', title: 'Signature of the proof' },
  'who.prefix': { kind: 'text', title: 'Prefix' },
  'who.after': { kind: 'text', title: 'After' },
  'who.limit': { kind: 'number', title: 'Limit' },
  'users.next': { kind: 'text', title: 'Next page after' },
  'presence.online': { kind: 'text', title: 'Online' },

  // Handshake
  'dh.groups': { kind: 'text', title: 'Groups offered' },
  'dh.group': { kind: 'text', title: 'Group' },
  'dh.bits': { kind: 'number', title: 'Size of the group in bits' },
  'dh.public': { kind: 'text', title: 'Public value' },
  'identity.ciphertext': { kind: 'bytes', title: 'Encrypted identity' },
  'identity.tag': { kind: 'bytes', title: 'Tag' },
  'identity.tag_status': { kind: 'text', title: 'Tag status' },
  'identity.key': { kind: 'bytes', title: 'Identity key' },
  'identity.signature': { kind: 'bytes', title: 'Signature' },
  'identity.mac': { kind: 'bytes', title: 'MAC' },
  'identity.mac_status': { kind: 'text', title: 'MAC status' },
  'confirm.mac': { kind: 'bytes', title: 'Confirmation' },
  'confirm.status': { kind: 'text', title: 'Key confirmation' },
  safety_number: { kind: 'text', title: 'Safety number' },

  // Records
  'record.offset': { kind: 'number', title: 'Place in the key stream' },
  'record.iv': { kind: 'bytes', title: 'IV' },
  'record.ciphertext': { kind: 'bytes', title: 'Ciphertext' },
  'record.tag': { kind: 'bytes', title: 'Tag' },
  'record.sequence': { kind: 'number', title: 'Sequence number' },
  'record.epoch': { kind: 'number', title: 'Key updates before it' },
  'record.tag_status': { kind: 'text', title: 'Tag status' },
  'record.batch_length': { kind: 'number', title: 'Length of the batch' },
  'record.padding': { kind: 'bytes', title: 'Zeros' },

  // Conversation
  conversation: { kind: 'text', title: 'Conversation' },
  'resume.conversation': { kind: 'text', title: 'Conversation that goes on' },
  received: { kind: 'text', title: 'Texts received' },
  text: { kind: 'text', title: 'Text' },
  'file.name': { kind: 'text', title: 'File name' },
  'file.size': { kind: 'number', title: 'File size' },
  'file.sha256': { kind: 'text', title: 'SHA-256 of the file' },
  'file.offset': { kind: 'number', title: 'Offset' },
  'file.bytes': { kind: 'bytes', title: 'Bytes of the file' },

  // The textbook's format, which has no frames
  'legacy.line': { kind: 'text', title: 'Line' },
  'legacy.public': { kind: 'text', title: 'Public value' },
  'legacy.text': { kind: 'text', title: 'Text' },
  'legacy.iv': { kind: 'bytes', title: 'IV' },
  'legacy.ciphertext': { kind: 'bytes', title: 'Ciphertext' },
} as const satisfies Record<string, Description>

export type FieldName = keyof typeof FIELDS

/** One field of one message. */
export interface Field {
  readonly name: FieldName
  /**
   * Numbers in decimal (packets too), bytes in lower-case hex, text as it is: for JSON what stands in the string, for
   * statuses `good` or `bad`.
   */
  readonly value: string
  /** Where it begins in the bytes of its frame, header included, and how many bytes it has; null: it was computed. */
  readonly place: { readonly at: number; readonly length: number } | null
}

/** The first value of a field in a message or in a part of one; undefined where there is none. */
export function valueOf({ fields }: { readonly fields: readonly Field[] }, name: FieldName): string | undefined {
  return fields.find(field => field.name === name)?.value
}
