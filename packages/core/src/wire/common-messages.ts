import { binaryMessageType } from './binary-message-type.ts'
import { rest } from './body-part.ts'
import { optional, text, whole } from './json-field.ts'
import { jsonMessageType } from './json-message-type.ts'

/** Both sides say at once what they speak (docs/protocol.md, Hello). */
export const HELLO = jsonMessageType({
  type: 0x01,
  name: 'HELLO',
  from: 'both sides, first',
  phase: 'hello',
  limit: 256,
  mark: 'P2PC',
  fields: {
    protocol: text({ show: 'hello.protocol', title: 'Protocol' }),
    rung: optional(text({ show: 'hello.rung', title: 'Rung of the users' })),
  },
  summary: '{hello.protocol}[ {hello.rung}]',
  example: { protocol: 'directory/1', rung: 'peer-aes/1' },
})

/** What was wrong with the connection, or with the request that has its id. */
export const ERROR = jsonMessageType({
  type: 0x02,
  name: 'ERROR',
  from: 'anyone',
  phase: 'any time',
  limit: 1_024,
  fields: { id: optional(whole()), code: text(), message: text() },
  summary: '{code}: {message}',
  draws: [{ finding: 'refused' }],
  example: { id: 2, code: 'unknown-user', message: 'nobody called bob is online' },
})

/** Nothing follows in this direction. */
export const GOODBYE = binaryMessageType({
  type: 0x03,
  name: 'GOODBYE',
  from: 'anyone, last',
  phase: 'any time',
  parts: [],
  example: {},
})

/** Says only that its sender is still there. */
export const KEEPALIVE = binaryMessageType({
  type: 0x04,
  name: 'KEEPALIVE',
  from: 'anyone',
  phase: 'any time',
  parts: [],
  example: {},
})

/** Sealed frames: each rung that has records gives this body parts of its own. */
export const RECORD = binaryMessageType({
  type: 0x40,
  name: 'RECORD',
  from: 'both peers, dh and aes rungs',
  phase: 'records',
  parts: [rest('sealed', { show: 'body', title: 'Body', most: 66_000 })],
  example: { sealed: new Uint8Array(64).fill(0xab) },
})

/** What may stand on any connection. */
export const COMMON = [HELLO, ERROR, GOODBYE, KEEPALIVE] as const
