import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import type { Protocol } from '@p2p-secure-chat/core/wire/hello'
import * as t from '@p2p-secure-chat/core/wire/message-types'
import type { FieldName } from './field.ts'
import type { FindingCode } from './finding.ts'
import type { Layout, Member, Part } from './layout.ts'

/** The values of a message by their fields. */
export interface Values {
  /** The first value; an empty text where there is none. */
  first(field: FieldName): string
  all(field: FieldName): readonly string[]
}

/** All that one type of message is. */
export interface MessageDescription {
  readonly name: string
  readonly layout: Layout
  /** What is said against each of them. */
  readonly findings: readonly FindingCode[]
  /** Whether it carries what people say: then it is said against it that it can be read on the path. */
  readonly content: boolean
  /** What follows the name in one line, in the words of the Wireshark dissector; an empty text where nothing does. */
  readonly says: (values: Values) => string
}

/** Most characters of a text that a line shows. */
const SHOWN_CHARACTERS = 60

export const quoted = (text: string) => `"${printableLine(text, SHOWN_CHARACTERS)}"`
const bare = (text: string) => printableLine(text, SHOWN_CHARACTERS)

const nothing: Layout = { parts: [], members: null }
const json = (...members: readonly Member[]): Layout => ({ parts: [], members })
const binary = (...parts: readonly Part[]): Layout => ({ parts, members: null })

const string = (field: FieldName, path: string): Member => ({ field, path, as: 'string' })
const number = (field: FieldName, path: string): Member => ({ field, path, as: 'number' })
const boolean = (field: FieldName, path: string): Member => ({ field, path, as: 'boolean' })
const id = number('id', 'id')

const silent = () => ''

function message(
  name: string,
  layout: Layout,
  says: (values: Values) => string,
  more: Partial<Pick<MessageDescription, 'findings' | 'content'>> = {},
): MessageDescription {
  return { name, layout, says, findings: [], content: false, ...more }
}

/** Where they take calls. */
const portOf = (v: Values) => v.all('port').map(port => `port ${port}`)[0] ?? 'takes no calls'
/** How many texts of the other side have arrived. */
const textsOf = (v: Values) => `${bare(v.first('received'))} ${v.first('received') === '1' ? 'text' : 'texts'}`
const nameOr = (text: string, none: string) => (text === '' ? none : bare(text))

/** Every message of docs/protocol.md, by its type: the one place of the reader that knows what is in it. */
const MESSAGES: ReadonlyMap<number, MessageDescription> = new Map([
  [
    t.HELLO,
    message(
      'HELLO',
      {
        parts: [{ field: 'magic', as: 'text', size: 4, equals: 'P2PC' }],
        members: [string('hello.protocol', 'protocol'), string('hello.rung', 'rung')],
      },
      v => [bare(v.first('hello.protocol')), ...v.all('hello.rung').map(bare)].join(' '),
    ),
  ],
  [
    t.ERROR,
    message(
      'ERROR',
      json(id, string('code', 'code'), string('message', 'message')),
      v => `${bare(v.first('code'))}: ${bare(v.first('message'))}`,
      { findings: ['refused'] },
    ),
  ],
  [t.GOODBYE, message('GOODBYE', nothing, silent)],
  [t.KEEPALIVE, message('KEEPALIVE', nothing, silent)],

  [
    t.EVALUATE,
    message('EVALUATE', json(id, string('expression', 'expression')), v => bare(v.first('expression')), {
      content: true,
    }),
  ],
  [
    t.RESULT,
    message(
      'RESULT',
      json(
        id,
        string('result', 'result'),
        string('code', 'error.code'),
        string('message', 'error.message'),
        number('column', 'error.column'),
      ),
      v => bare(v.first('result')) || bare(v.first('message')),
      { content: true },
    ),
  ],

  [
    t.WELCOME,
    message(
      'WELCOME',
      json(boolean('welcome.open', 'open'), string('nonce', 'nonce')),
      v => `open to other machines: ${v.first('welcome.open')}`,
    ),
  ],
  [
    t.REGISTER,
    message(
      'REGISTER',
      json(
        string('name', 'name'),
        number('port', 'port'),
        string('proof.key', 'proof.key'),
        string('proof.nonce', 'proof.nonce'),
        string('proof.address', 'proof.address'),
        string('proof.signature', 'proof.signature'),
      ),
      v => `${bare(v.first('name'))}, ${portOf(v)}`,
    ),
  ],
  [t.REGISTERED, message('REGISTERED', json(string('name', 'name')), v => bare(v.first('name')))],
  [
    t.WHO,
    message(
      'WHO',
      json(id, string('who.prefix', 'prefix'), string('who.after', 'after'), number('who.limit', 'limit')),
      v => `${bare(v.first('who.prefix'))}*`,
    ),
  ],
  [
    t.USERS,
    message('USERS', json(id, string('name', 'users[].name'), string('users.next', 'next')), v =>
      nameOr(v.all('name').join(', '), 'nobody'),
    ),
  ],
  [t.LOOKUP, message('LOOKUP', json(id, string('name', 'name')), v => bare(v.first('name')))],
  [
    t.CARD,
    message(
      'CARD',
      json(
        id,
        string('name', 'name'),
        string('host', 'host'),
        number('port', 'port'),
        string('fingerprint', 'fingerprint'),
      ),
      v => `${bare(v.first('name'))} at ${bare(v.first('host'))}, ${portOf(v)}`,
    ),
  ],
  [t.WATCH, message('WATCH', json(string('name', 'names[]')), v => bare(v.all('name').join(', ')))],
  [
    t.PRESENCE,
    message(
      'PRESENCE',
      json(string('name', 'name'), boolean('presence.online', 'online')),
      v => `${bare(v.first('name'))}, online: ${v.first('presence.online')}`,
    ),
  ],

  [t.NAME, message('NAME', json(string('name', 'name')), v => bare(v.first('name')), { findings: ['unproven-name'] })],
  [
    t.OFFER,
    message(
      'OFFER',
      json(
        string('dh.groups', 'groups[]'),
        string('dh.group', 'group'),
        string('dh.public', 'public'),
        string('nonce', 'nonce'),
      ),
      v => bare(v.first('dh.group')),
    ),
  ],
  [
    t.RETRY,
    message('RETRY', json(string('dh.group', 'group')), v => bare(v.first('dh.group')), {
      findings: ['retry'],
    }),
  ],
  [
    t.ANSWER,
    message('ANSWER', json(string('dh.group', 'group'), string('dh.public', 'public'), string('nonce', 'nonce')), v =>
      bare(v.first('dh.group')),
    ),
  ],
  [
    t.IDENTITY,
    message(
      'IDENTITY',
      binary(
        { field: 'identity.ciphertext', as: 'bytes', size: 161 },
        { field: 'identity.tag', as: 'bytes', size: 32 },
      ),
      silent,
    ),
  ],
  [t.CONFIRM, message('CONFIRM', binary({ field: 'confirm.mac', as: 'bytes', size: 32 }), silent)],
  [t.RECORD, message('RECORD', binary({ field: 'body', as: 'bytes', size: 'rest' }), silent)],
  [t.KEY_UPDATE, message('KEY_UPDATE', nothing, silent)],

  [
    t.CALL,
    message(
      'CALL',
      json(
        string('conversation', 'conversation'),
        string('resume.conversation', 'resume.conversation'),
        string('received', 'resume.received'),
      ),
      v =>
        v.all('resume.conversation').length === 0
          ? ''
          : `${bare(v.first('resume.conversation'))} again: the caller has ${textsOf(v)} of it`,
    ),
  ],
  [
    t.ACCEPT,
    message('ACCEPT', json(string('conversation', 'conversation'), string('received', 'received')), v =>
      v.all('received').length === 0 ? '' : `again: who was called has ${textsOf(v)} of it`,
    ),
  ],
  [t.DECLINE, message('DECLINE', json(string('code', 'code')), v => bare(v.first('code')), { findings: ['refused'] })],
  [
    t.TEXT,
    message(
      'TEXT',
      binary({ field: 'id', as: 'number', size: 8 }, { field: 'text', as: 'text', size: 'rest' }),
      v => quoted(v.first('text')),
      { content: true },
    ),
  ],
  [t.RECEIPT, message('RECEIPT', binary({ field: 'id', as: 'number', size: 8 }), v => `up to ${v.first('id')}`)],
  [
    t.FILE_OFFER,
    message(
      'FILE_OFFER',
      json(id, string('file.name', 'name'), number('file.size', 'size'), string('file.sha256', 'sha256')),
      v => `${v.first('id')} ${quoted(v.first('file.name'))}, ${v.first('file.size')} bytes`,
      { content: true },
    ),
  ],
  [
    t.FILE_ACCEPT,
    message(
      'FILE_ACCEPT',
      json(id, number('file.offset', 'offset')),
      v => `${v.first('id')} from byte ${v.first('file.offset')}`,
    ),
  ],
  [
    t.FILE_CHUNK,
    message(
      'FILE_CHUNK',
      binary(
        { field: 'id', as: 'number', size: 4 },
        { field: 'file.offset', as: 'number', size: 8 },
        { field: 'file.bytes', as: 'bytes', size: 'rest', atLeast: 1 },
      ),
      v => `${v.first('id')} from byte ${v.first('file.offset')}, ${v.first('file.bytes').length / 2} bytes`,
      { content: true },
    ),
  ],
  [
    t.FILE_PROGRESS,
    message(
      'FILE_PROGRESS',
      binary({ field: 'id', as: 'number', size: 4 }, { field: 'file.offset', as: 'number', size: 8 }),
      v => `${v.first('id')} up to byte ${v.first('file.offset')}`,
    ),
  ],
  [
    t.FILE_RESULT,
    message(
      'FILE_RESULT',
      json(id, string('code', 'code')),
      v => `${v.first('id')} ${nameOr(v.first('code'), 'arrived')}`,
    ),
  ],
  [
    t.FILE_CANCEL,
    message('FILE_CANCEL', json(id, string('code', 'code')), v => `${v.first('id')} ${bare(v.first('code'))}`),
  ],
])

/** What a RECORD is depends on the protocol: the rungs that have records each seal them in their own way. */
const RECORDS: Readonly<Partial<Record<Protocol, Layout>>> = {
  'peer-dh/1': binary({ field: 'record.ciphertext', as: 'bytes', size: 'rest', atLeast: 1 }),
  'peer-aes/1': binary(
    { field: 'record.iv', as: 'bytes', size: 16 },
    { field: 'record.ciphertext', as: 'bytes', size: 'rest', atLeast: 16, step: 16 },
    { field: 'record.tag', as: 'bytes', size: 32 },
  ),
}

/** @returns null for a type that no message has */
export function describedMessage(type: number, protocol: Protocol | null): MessageDescription | null {
  const description = MESSAGES.get(type)
  if (description === undefined) return null
  const layout = type === t.RECORD && protocol !== null ? RECORDS[protocol] : undefined
  return layout === undefined ? description : { ...description, layout }
}

/** What people call a type. */
export function messageName(type: number): string {
  return MESSAGES.get(type)?.name ?? `type 0x${type.toString(16).padStart(2, '0')}`
}
