import * as v from 'valibot'
import { ChatError } from '../errors.ts'
import type { Channel } from './channel.ts'
import type { Message } from './frame.ts'
import { readJson } from './json-body.ts'
import { HELLO } from './message-types.ts'

/** The protocols of this project: name, slash, version. */
export type Protocol = 'calc/1' | 'directory/1' | 'peer-basic/1' | 'peer-dh/1' | 'peer-aes/1'

/** Largest body of a hello, in bytes. */
export const HELLO_LIMIT = 256

/** How long the other side may take for its hello, in milliseconds. */
export const HELLO_DEADLINE = 5_000

/** First bytes of every hello's body, so that a capture is recognised by content on any port. */
const MAGIC = new TextEncoder().encode('P2PC')

const helloSchema = v.object({ protocol: v.string(), rung: v.optional(v.string()) })

/** What a hello says: the protocol, and for a directory the peer protocol whose users it lists. */
export interface Hello {
  readonly protocol: Protocol
  readonly rung?: Protocol
}

/** Builds a hello: the four bytes `P2PC`, then a JSON object (docs/protocol.md, Hello). */
export function helloMessage(hello: Hello): Message {
  const json = new TextEncoder().encode(JSON.stringify(hello))
  const body = new Uint8Array(MAGIC.length + json.length)
  body.set(MAGIC)
  body.set(json, MAGIC.length)
  return { type: HELLO, body }
}

/**
 * Sends our hello and checks the other side's, which must name the same protocol. Neither side waits for the other
 * before it speaks.
 *
 * @returns both hellos as they crossed the wire, for a transcript
 * @throws {ChatError} `wrong-protocol` when what answers is no hello or names another protocol or rung,
 * `wrong-version` when only the version differs, `timeout` by the caller's deadline, `cut`
 */
export async function exchangeHello(channel: Channel, hello: Hello): Promise<{ ours: Message; theirs: Message }> {
  const ours = helloMessage(hello)
  await channel.send(ours)
  const theirs = await receiveHello(channel)
  const said = readHello(theirs)
  const [name, version] = hello.protocol.split('/')
  const [theirName, theirVersion] = said.protocol.split('/')
  if (theirName !== name || said.rung !== hello.rung) {
    const wanted = hello.rung === undefined ? hello.protocol : `${hello.protocol} for ${hello.rung}`
    const got = said.rung === undefined ? said.protocol : `${said.protocol} for ${said.rung}`
    throw new ChatError('wrong-protocol', `expected ${wanted}, the other side speaks ${got}`)
  }
  if (theirVersion !== version) {
    throw new ChatError('wrong-version', `expected ${hello.protocol}, the other side speaks ${said.protocol}`)
  }
  return { ours, theirs }
}

async function receiveHello(channel: Channel): Promise<Message> {
  let message: Message | null
  try {
    message = await channel.receive()
  } catch (error) {
    // Before the hello, a broken frame only means that this is some other program.
    if (error instanceof ChatError && ['bad-frame', 'unknown-type', 'too-large'].includes(error.code)) {
      throw new ChatError('wrong-protocol', 'what answers does not speak p2p-secure-chat', { cause: error })
    }
    throw error
  }
  if (message === null) throw new ChatError('cut', 'the other side left before its hello')
  return message
}

function readHello({ type, body }: Message): { protocol: string; rung?: string | undefined } {
  if (type !== HELLO || MAGIC.some((byte, i) => body[i] !== byte)) {
    throw new ChatError('wrong-protocol', 'what answers does not speak p2p-secure-chat')
  }
  try {
    return readJson(helloSchema, body.subarray(MAGIC.length))
  } catch (cause) {
    throw new ChatError('wrong-protocol', 'the other side sent a malformed hello', { cause })
  }
}
