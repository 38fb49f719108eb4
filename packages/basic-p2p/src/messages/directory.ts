import { COMMON } from '@p2p-secure-chat/core/wire/common-messages'
import {
  boolean,
  hex,
  list,
  nullable,
  object,
  optional,
  text,
  unchecked,
  whole,
} from '@p2p-secure-chat/core/wire/json-field'
import { jsonMessageType } from '@p2p-secure-chat/core/wire/json-message-type'
import { limitsOf } from '@p2p-secure-chat/core/wire/message-type'
import type { ProtocolDescription } from '@p2p-secure-chat/core/wire/hello'

/** Largest body of a directory's message, in bytes: a page of 200 names fits many times. */
const DIRECTORY_LIMIT = 16_384

/** Most names on one page. */
export const PAGE_LIMIT = 200

/** Most names that one user may watch. */
export const WATCH_LIMIT = 256

const BY_DIRECTORY = { from: 'directory', phase: 'request', limit: DIRECTORY_LIMIT } as const
const BY_CLIENT = { from: 'directory client', phase: 'request', limit: DIRECTORY_LIMIT } as const

const name = text({ show: 'name' })
/** Where a user takes calls. */
const port = nullable(whole({ least: 1, most: 65_535 }))
const NONCE = 'c0'.repeat(32)

export const WELCOME = jsonMessageType({
  ...BY_DIRECTORY,
  type: 0x20,
  name: 'WELCOME',
  fields: { open: boolean({ show: 'welcome.open', title: 'Open to other machines' }), nonce: optional(hex(32)) },
  summary: 'open to other machines: {welcome.open}',
  example: { open: true, nonce: NONCE },
})

/** Proves that a key belongs to the name; each rung with identities checks it, and refuses it with `bad-proof`. */
export const PROOF = {
  key: text({ show: 'proof.key', title: 'Key of the proof' }),
  nonce: hex(32, { show: 'proof.nonce', title: 'Nonce of the proof' }),
  address: text({ show: 'proof.address', title: 'Address of the directory' }),
  signature: text({ least: 86, most: 86, of: 'A-Za-z0-9_-', show: 'proof.signature', title: 'Signature of the proof' }),
} as const

export const REGISTER = jsonMessageType({
  ...BY_CLIENT,
  type: 0x21,
  name: 'REGISTER',
  refusable: true,
  fields: {
    name,
    port,
    proof: optional(unchecked(PROOF)),
  },
  summary: '{name}, [port {port}|takes no calls]',
  draws: [{ finding: 'unproven-name', without: 'proof.key' }],
  example: { name: 'alice', port: 40_123 },
})

export const REGISTERED = jsonMessageType({
  ...BY_DIRECTORY,
  type: 0x22,
  name: 'REGISTERED',
  answers: [REGISTER],
  fields: { name },
  summary: '{name}',
  example: { name: 'alice' },
})

export const WHO = jsonMessageType({
  ...BY_CLIENT,
  type: 0x23,
  name: 'WHO',
  refusable: true,
  fields: {
    id: whole(),
    prefix: text({ show: 'who.prefix', title: 'Prefix' }),
    after: text({ show: 'who.after', title: 'After' }),
    limit: whole({ least: 1, most: PAGE_LIMIT, show: 'who.limit', title: 'Limit' }),
  },
  summary: '{who.prefix}*',
  example: { id: 1, prefix: '', after: '', limit: 50 },
})

export const USERS = jsonMessageType({
  ...BY_DIRECTORY,
  type: 0x24,
  name: 'USERS',
  answers: [WHO],
  fields: {
    id: whole(),
    users: list(object({ name }), { most: PAGE_LIMIT }),
    next: nullable(text({ show: 'users.next', title: 'Next page after' })),
  },
  summary: '[{name}|nobody]',
  example: { id: 1, users: [{ name: 'alice' }], next: null },
})

export const LOOKUP = jsonMessageType({
  ...BY_CLIENT,
  type: 0x25,
  name: 'LOOKUP',
  refusable: true,
  fields: { id: whole(), name },
  summary: '{name}',
  example: { id: 2, name: 'bob' },
})

export const CARD = jsonMessageType({
  ...BY_DIRECTORY,
  type: 0x26,
  name: 'CARD',
  answers: [LOOKUP],
  fields: { id: whole(), name, host: text(), port, fingerprint: nullable(text()) },
  summary: '{name} at {host}, [port {port}|takes no calls]',
  example: { id: 2, name: 'bob', host: '192.0.2.7', port: 40_123, fingerprint: null },
})

export const WATCH = jsonMessageType({
  ...BY_CLIENT,
  type: 0x27,
  name: 'WATCH',
  fields: { names: list(name, { most: WATCH_LIMIT }) },
  summary: '{name}',
  example: { names: ['bob'] },
})

export const PRESENCE = jsonMessageType({
  ...BY_DIRECTORY,
  type: 0x28,
  name: 'PRESENCE',
  fields: { name, online: boolean({ show: 'presence.online', title: 'Online' }) },
  summary: '{name}, online: {presence.online}',
  example: { name: 'bob', online: true },
})

export const DIRECTORY: ProtocolDescription = {
  name: 'directory/1',
  wire: [...COMMON, WELCOME, REGISTER, REGISTERED, WHO, USERS, LOOKUP, CARD, WATCH, PRESENCE],
  records: null,
}

/** What may cross a directory connection. */
export const directoryLimits = limitsOf(DIRECTORY.wire)
