import type { FrameLimits } from '@p2p-secure-chat/core/wire/frame'
import { ERROR_LIMIT } from '@p2p-secure-chat/core/wire/error-message'
import { HELLO_LIMIT } from '@p2p-secure-chat/core/wire/hello'
import * as type from '@p2p-secure-chat/core/wire/message-types'
import * as v from 'valibot'

/** Largest body of a directory's message, in bytes: a page of 200 names fits many times. */
const DIRECTORY_LIMIT = 16_384

/** Most names on one page. */
export const PAGE_LIMIT = 200

/** Most names that one user may watch. */
export const WATCH_LIMIT = 256

/** What may cross a directory connection. */
export const directoryLimits: FrameLimits = new Map([
  [type.HELLO, HELLO_LIMIT],
  [type.ERROR, ERROR_LIMIT],
  [type.GOODBYE, 0],
  [type.KEEPALIVE, 0],
  ...[
    type.WELCOME,
    type.REGISTER,
    type.REGISTERED,
    type.WHO,
    type.USERS,
    type.LOOKUP,
    type.CARD,
    type.WATCH,
    type.PRESENCE,
  ].map(known => [known, DIRECTORY_LIMIT] as const),
])

const id = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))
const nonce = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
const user = v.object({ name: v.string() })

export const welcomeSchema = v.object({ open: v.boolean(), nonce: v.optional(nonce) })
export const registerSchema = v.object({
  name: v.string(),
  port: v.nullable(port),
  proof: v.optional(v.record(v.string(), v.unknown())),
})
export const registeredSchema = v.object({ name: v.string() })
export const whoSchema = v.object({
  id,
  prefix: v.string(),
  after: v.string(),
  limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(PAGE_LIMIT)),
})
export const usersSchema = v.object({
  id,
  users: v.pipe(v.array(user), v.maxLength(PAGE_LIMIT)),
  next: v.nullable(v.string()),
})
export const lookupSchema = v.object({ id, name: v.string() })
export const cardSchema = v.object({
  id,
  name: v.string(),
  host: v.string(),
  port: v.nullable(port),
  fingerprint: v.nullable(v.string()),
})
export const watchSchema = v.object({ names: v.pipe(v.array(v.string()), v.maxLength(WATCH_LIMIT)) })
export const presenceSchema = v.object({ name: v.string(), online: v.boolean() })
