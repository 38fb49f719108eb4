import type { ErrorCode } from '../../src/errors.ts'
import { encodeFrame, type FrameLimits } from '../../src/wire/frame.ts'
import { RECEIPT, TEXT } from '../../../basic-p2p/src/messages/conversation.ts'
import { ERROR, GOODBYE, HELLO, KEEPALIVE, RECORD } from '../../src/wire/common-messages.ts'

/** A byte stream, and what a receiver makes of it. Bytes are lower-case hexadecimal. */
export interface FrameVector {
  readonly name: string
  /** The largest body of each type that may come here, by type. */
  readonly limits: Readonly<Record<string, number>>
  readonly stream: string
  /** The messages that it has, in order, up to the error if there is one. */
  readonly messages: readonly { readonly type: number; readonly body: string }[]
  /** `cut`: the stream ends inside a frame. */
  readonly error: ErrorCode | null
}

const conversation = {
  [ERROR.type]: 1_024,
  [GOODBYE.type]: 0,
  [KEEPALIVE.type]: 0,
  [TEXT.type]: 16_392,
  [RECEIPT.type]: 8,
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const utf8 = (text: string) => hex(Buffer.from(text))
const text = (id: number, words: string) => ({ type: TEXT.type, body: id.toString(16).padStart(16, '0') + utf8(words) })

const streamOf = (messages: FrameVector['messages']) =>
  messages.map(({ type, body }) => hex(encodeFrame({ type, body: Buffer.from(body, 'hex') }))).join('')

function accepted(
  name: string,
  messages: FrameVector['messages'],
  limits: FrameVector['limits'] = conversation,
): FrameVector {
  return { name, limits, stream: streamOf(messages), messages, error: null }
}

function refused(
  name: string,
  error: FrameVector['error'],
  fault: string,
  messages: FrameVector['messages'] = [],
): FrameVector {
  return { name, limits: conversation, stream: streamOf(messages) + fault, messages, error }
}

/** The cases of frame.json. */
export function frameVectors(): FrameVector[] {
  return [
    accepted('an empty stream', []),
    accepted('a goodbye has no body', [{ type: GOODBYE.type, body: '' }]),
    accepted('a hello', [{ type: HELLO.type, body: utf8('P2PC{"protocol":"peer-aes/1"}') }], { [HELLO.type]: 256 }),
    accepted('a text', [text(1, 'hello bob')]),
    accepted('an empty text, and one that is not ASCII', [text(1, ''), text(2, 'grüß dich 👋')]),
    accepted('several messages back to back', [
      text(1, 'hello'),
      { type: KEEPALIVE.type, body: '' },
      { type: RECEIPT.type, body: '0000000000000001' },
      { type: GOODBYE.type, body: '' },
    ]),
    accepted('a body as large as its type allows', [{ type: RECORD.type, body: '00ff'.repeat(32) }], {
      [RECORD.type]: 64,
    }),
    refused('a length of 0', 'bad-frame', '0000000053'),
    refused('a length of 0 behind a message', 'bad-frame', '0000000000', [text(1, 'hello')]),
    refused('a type that does not belong here', 'unknown-type', '0000000140'),
    refused('type 0', 'unknown-type', '0000000100'),
    refused('type 255', 'unknown-type', '00000001ff'),
    refused('a goodbye with a body', 'too-large', '000000020378'),
    refused('one byte too many', 'too-large', '0000400a53'),
    refused('a claim of 4 GiB', 'too-large', 'ffffffff53', [text(1, 'hello'), text(2, 'are you there?')]),
    refused('the greeting of another protocol', 'unknown-type', utf8('GET / HTTP/1.1\r\n\r\n')),
    refused('an end inside the length', 'cut', '000000'),
    refused('an end behind the header', 'cut', '0000000553', [text(1, 'hello')]),
    refused('an end inside the body', 'cut', '000000055361'),
  ]
}

/** The limits of a vector in the form that the code takes. */
export function limitsOf(vector: Pick<FrameVector, 'limits'>): FrameLimits {
  return new Map(Object.entries(vector.limits).map(([type, limit]) => [Number(type), limit]))
}
