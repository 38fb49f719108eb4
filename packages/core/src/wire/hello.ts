import { ChatError } from '../errors.ts'
import type { Channel } from './channel.ts'
import { ERROR, HELLO } from './common-messages.ts'
import { readError } from './error-message.ts'
import type { Message } from './frame.ts'
import type { MessageType, ValueOf } from './message-type.ts'

/** The protocols of this project: name, slash, version. */
export type Protocol = 'calc/1' | 'directory/1' | 'peer-basic/1' | 'peer-dh/1' | 'peer-aes/1'

/** How long the other side may take for its hello, in milliseconds. */
export const HELLO_DEADLINE = 5_000

/** First bytes of every hello's body, so that a capture is recognised by content on any port. */
const MAGIC = Buffer.from(HELLO.mark)

type SaidHello = ValueOf<typeof HELLO>

/** What a hello says: the protocol, and for a directory the peer protocol whose users it lists. */
export interface Hello {
  readonly protocol: Protocol
  readonly rung?: Protocol
}

/**
 * Sends our hello and checks the other side's, which must name the same protocol. Neither side waits for the other
 * before it speaks.
 *
 * @returns both hellos as they crossed the wire, for a transcript
 * @throws {ChatError} `wrong-protocol` when what answers is no hello or names another protocol or rung,
 * `wrong-version` when only the version differs, `cut` when the other side leaves instead, or what it reports in an
 * ERROR message, as a server that is full does
 */
export async function exchangeHello(channel: Channel, hello: Hello): Promise<{ ours: Message; theirs: Message }> {
  const ours = HELLO.message(hello)
  await channel.send(ours)
  const theirs = await receiveHello(channel)
  const said = readHello(theirs)
  if (said.protocol !== hello.protocol || said.rung !== hello.rung) {
    const sameName = said.rung === hello.rung && nameOf(said.protocol) === nameOf(hello.protocol)
    throw new ChatError(
      sameName ? 'wrong-version' : 'wrong-protocol',
      `expected ${describe(hello)}, the other side speaks ${describe(said)}`,
    )
  }
  return { ours, theirs }
}

const nameOf = (protocol: string) => protocol.slice(0, protocol.indexOf('/'))

const describe = ({ protocol, rung }: SaidHello) => (rung === undefined ? protocol : `${protocol} for ${rung}`)

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
  if (message.type === ERROR.type) throw readError(message.body).error
  return message
}

function readHello({ type, body }: Message): SaidHello {
  if (type !== HELLO.type || MAGIC.some((byte, i) => body[i] !== byte)) {
    throw new ChatError('wrong-protocol', 'what answers does not speak p2p-secure-chat')
  }
  try {
    return HELLO.read(body)
  } catch (cause) {
    throw new ChatError('wrong-protocol', 'the other side sent a malformed hello', { cause })
  }
}

/** Which messages a protocol has, and where they may stand. */
export interface ProtocolDescription {
  readonly name: Protocol
  /** As frames of the connection. */
  readonly wire: readonly MessageType[]
  /** Inside records; null where it has none. */
  readonly records: readonly MessageType[] | null
}
