import { binaryMessageType } from '@p2p-secure-chat/core/wire/binary-message-type'
import { offset, rest, u32 } from '@p2p-secure-chat/core/wire/body-part'
import { hex, nullable, oneOf, text, whole } from '@p2p-secure-chat/core/wire/json-field'
import { jsonMessageType } from '@p2p-secure-chat/core/wire/json-message-type'
import { limitsOf, type ValueOf } from '@p2p-secure-chat/core/wire/message-type'

/** Bytes of a file in one message (63 KiB): with its headers it fills one record and its bucket. */
export const CHUNK_BYTES = 64_512

/** Longest name in an offer, in UTF-16 code units, as of most file systems. */
const NAME_LIMIT = 255

const BY_SENDER = { from: 'sender of a file', phase: 'file', limit: 256 } as const
const BY_RECEIVER = { from: 'receiver of a file', phase: 'file', limit: 256 } as const

const id = whole({ least: 1, most: 0xffff_ffff })
const OFFSET = { show: 'file.offset', title: 'Offset' }

export const FILE_OFFER = jsonMessageType({
  ...BY_SENDER,
  type: 0x55,
  name: 'FILE_OFFER',
  limit: 2_048,
  fields: {
    id,
    name: text({ least: 1, most: NAME_LIMIT, show: 'file.name', title: 'File name' }),
    size: whole({ show: 'file.size', title: 'File size' }),
    sha256: hex(32, { show: 'file.sha256', title: 'SHA-256 of the file' }),
  },
  summary: '{id} "{file.name}", {file.size} bytes',
  draws: [{ finding: 'plaintext' }],
  example: { id: 1, name: 'tea.txt', size: 120_000, sha256: '5d'.repeat(32) },
})

export const FILE_ACCEPT = jsonMessageType({
  ...BY_RECEIVER,
  type: 0x56,
  name: 'FILE_ACCEPT',
  answers: [FILE_OFFER],
  fields: { id, offset: whole(OFFSET) },
  summary: '{id} from byte {file.offset}',
  example: { id: 1, offset: 0 },
})

export const FILE_CHUNK = binaryMessageType({
  type: 0x57,
  name: 'FILE_CHUNK',
  from: 'sender of a file',
  phase: 'file',
  parts: [
    u32('id'),
    offset('offset', OFFSET),
    rest('bytes', { least: 1, most: CHUNK_BYTES, show: 'file.bytes', title: 'Bytes of the file' }),
  ],
  summary: '{id} from byte {file.offset}, {#file.bytes} bytes',
  draws: [{ finding: 'plaintext' }],
  example: { id: 1, offset: 0, bytes: new TextEncoder().encode('two spoons of tea') },
})

/** How many bytes of a file the receiver has written. */
export const FILE_PROGRESS = binaryMessageType({
  type: 0x58,
  name: 'FILE_PROGRESS',
  from: 'receiver of a file',
  phase: 'file',
  parts: [u32('id'), offset('offset', OFFSET)],
  summary: '{id} up to byte {file.offset}',
  example: { id: 1, offset: 64_512 },
})

/** How a file ended for its receiver: null when it has it, verified and under its name. */
export const FILE_RESULT = jsonMessageType({
  ...BY_RECEIVER,
  type: 0x59,
  name: 'FILE_RESULT',
  answers: [FILE_OFFER],
  fields: {
    id,
    code: nullable(
      oneOf([
        'declined',
        'cancelled',
        'closed',
        'too-many',
        'busy',
        'disk-full',
        'unwritable',
        'bad-checksum',
        'timeout',
      ]),
    ),
  },
  summary: '{id} [{code}|arrived]',
  example: { id: 1, code: null },
})

/** Why its sender ends a file. */
export const FILE_CANCEL = jsonMessageType({
  ...BY_SENDER,
  type: 0x5a,
  name: 'FILE_CANCEL',
  fields: { id, code: oneOf(['cancelled', 'closed', 'file-changed', 'unreadable', 'no-answer', 'timeout']) },
  summary: '{id} {code}',
  example: { id: 1, code: 'cancelled' },
})

export type FileOffer = ValueOf<typeof FILE_OFFER>
export type ResultCode = ValueOf<typeof FILE_RESULT>['code']
export type CancelCode = ValueOf<typeof FILE_CANCEL>['code']

export const FILE_MESSAGES = [FILE_OFFER, FILE_ACCEPT, FILE_CHUNK, FILE_PROGRESS, FILE_RESULT, FILE_CANCEL] as const

/** What may cross a conversation about files. */
export const fileLimits = limitsOf(FILE_MESSAGES)
