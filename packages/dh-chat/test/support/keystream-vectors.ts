import { mac } from '@p2p-secure-chat/core/cipher/mac'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { fixedBytes } from '../../../core/test/support/fixed-bytes.ts'
import { keystreamProtection } from '../../src/keystream-protection.ts'

/** One record of the dh rung, every value in hex. */
export interface KeystreamVector {
  readonly name: string
  readonly key: string
  /** Bytes of the stream that earlier records of this direction used up. */
  readonly used: number
  /** The blocks that this record takes bytes from: the HMAC's message and its output. */
  readonly blocks: readonly { readonly counter: string; readonly hmac: string }[]
  /** Those of their bytes that this record uses. */
  readonly stream: string
  readonly batch: string
  readonly body: string
  /** What a receiver makes of the body: nothing is ever rejected for its content. */
  readonly opened: string
}

const BLOCK = 32

const text = (body: string) => encodeFrame({ type: TEXT.type, body: Buffer.from(body) })

const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

function counterBytes(block: number): Buffer {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(block))
  return counter
}

/** One direction's records in order, the last one with a bit flipped on its way (docs/protocol.md, Key stream). */
export function keystreamVectors(): KeystreamVector[] {
  const random = fixedBytes('keystream vectors')
  const key = random(32)
  const send = keystreamProtection({ send: key.slice(), receive: new Uint8Array(32) })
  const receive = keystreamProtection({ send: new Uint8Array(32), receive: key.slice() })
  let used = 0

  function vector(name: string, batch: Uint8Array, alter?: (body: Uint8Array) => void): KeystreamVector {
    const firstBlock = Math.floor(used / BLOCK)
    const endBlock = Math.ceil((used + batch.length) / BLOCK)
    const blocks = Array.from({ length: endBlock - firstBlock }, (_, i) => {
      const counter = counterBytes(firstBlock + i)
      return { counter: toHex(counter), hmac: toHex(mac(key, counter)) }
    })
    const at = used - firstBlock * BLOCK
    const stream = blocks
      .map(({ hmac }) => hmac)
      .join('')
      .slice(2 * at, 2 * (at + batch.length))
    const body = send.seal(batch)
    alter?.(body)
    const result = { name, key: toHex(key), used, blocks, stream, batch: toHex(batch), body: toHex(body) }
    used += batch.length
    return { ...result, opened: toHex(receive.open(body)) }
  }

  return [
    vector('the first record: zeros show the stream itself', new Uint8Array(40)),
    vector('a text: it goes on in the middle of a block', text('hello')),
    vector('one byte', random(1)),
    vector('two texts in one record', Buffer.concat([text('to be'), text('or not')])),
    vector('the last byte of the third block', random(27)),
    vector('a block of its own', random(32)),
    vector('one bit flipped on the way: the same bit arrives flipped', text('pay 10'), body => {
      body.set([(body[9] ?? 0) ^ ('1'.charCodeAt(0) ^ '9'.charCodeAt(0))], 9)
    }),
  ]
}
