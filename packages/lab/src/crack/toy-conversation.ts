import type { Socket } from 'node:net'
import { conversationId } from '@p2p-secure-chat/basic-p2p/chat/conversation'
import { type PeerConnection, establish } from '@p2p-secure-chat/basic-p2p/chat/establish'
import { Outbox } from '@p2p-secure-chat/basic-p2p/chat/outbox'
import { Session, type SessionOwner } from '@p2p-secure-chat/basic-p2p/chat/session'
import { type AcceptMessage, type CallMessage, RECEIPT, TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import type { Group } from '@p2p-secure-chat/core/dh/groups'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Address } from '@p2p-secure-chat/core/net/address'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { ignorable } from '@p2p-secure-chat/core/contain'
import type { Role, Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import type { SecureProtocol } from '@p2p-secure-chat/dh-chat/handshake/key-schedule'
import { dialHere, listenHere } from '@p2p-secure-chat/stage/own-network'
import { strangersUpgrade } from '@p2p-secure-chat/stage/stranger'

/** What both say, in turn. The caller, who is alice, leaves after the last line. */
export const TOY_SCRIPT: readonly (readonly [speaker: Role, text: string])[] = [
  ['initiator', 'Hi Bob! My computer is slow, so I took a small prime.'],
  ['responder', 'Mine says the line is encrypted, so all is well, is it not?'],
  ['initiator', 'Of course. AES-256, they say! The cake for Carol is under the stairs 🎂'],
  ['responder', 'Nobody will ever know.'],
]

/** One call is all that a toy is for. */
const CALLS = 1

export interface ToyOptions {
  readonly protocol: SecureProtocol
  /** The only group that is offered and taken. */
  readonly group: Group
}

/** A peer that waits for one toy call. */
export interface ToyCallee {
  /** Where it listens. */
  readonly address: Address
  /** Settles when its conversation is over. @throws {ChatError} why there was none, or why it broke off */
  readonly over: Promise<void>
}

/**
 * Bob: waits at an address for one call and answers in a toy group. All but the group is what a real client does.
 *
 * @throws {ChatError} `port-in-use`, `bad-address`
 */
export async function answerToyCall(address: Address, options: ToyOptions): Promise<ToyCallee> {
  let settle: (conversation: Promise<void>) => void
  const over = new Promise<void>(resolve => {
    settle = resolve
  })
  const take = (socket: Socket) => {
    listener.stop()
    settle(
      establish(socket, { role: 'responder', upgrade: toyUpgrade('bob', options), expected: null }).then(peer =>
        converse(peer, 'responder'),
      ),
    )
  }
  const listener = await listenHere(address, take, CALLS)
  return { address: { host: listener.host, port: listener.port }, over: ignorable(over) }
}

/**
 * Alice: calls bob, says her lines and leaves.
 *
 * @throws {ChatError} `unreachable`, what the handshake refused, and why the conversation broke off
 */
export async function placeToyCall(address: Address, options: ToyOptions): Promise<void> {
  const socket = await dialHere(address)
  await converse(
    await establish(socket, { role: 'initiator', upgrade: toyUpgrade('alice', options), expected: 'bob' }),
    'initiator',
  )
}

function toyUpgrade(name: string, { protocol, group }: ToyOptions): Upgrade {
  return strangersUpgrade(name, { protocol, groups: [group] })
}

async function converse(connection: PeerConnection, role: Role): Promise<void> {
  await new ToyConversation(connection, role).over
}

/** One conversation of the script, without all that a client does around it. */
class ToyConversation implements SessionOwner {
  /** Settles when it is over. @throws {ChatError} why it broke off */
  readonly over: Promise<void>
  readonly #role: Role
  readonly #ours = conversationId()
  #outbox: Outbox | null = null
  #said = 0
  #onOver = (_error: ChatError | null) => {}

  constructor(connection: PeerConnection, role: Role) {
    this.#role = role
    this.over = new Promise((resolve, reject) => {
      this.#onOver = error => (error === null ? resolve() : reject(error))
    })
    void new Session(connection, this, role === 'initiator' ? { conversation: this.#ours } : null)
  }

  called(session: Session, { conversation }: CallMessage): void {
    session.accept({ conversation: this.#ours })
    this.#begin(session, conversation)
  }

  opened(session: Session, { conversation }: AcceptMessage): void {
    this.#begin(session, conversation)
  }

  #begin(session: Session, theirs: string): void {
    this.#outbox = new Outbox(this.#ours, theirs, {
      text: async () => {
        this.#said += 1
        // Once it is acknowledged, as a person would.
        setImmediate(() => this.#goOn(session))
      },
      delivered: () => undefined,
    })
    this.#outbox.connect(session)
    this.#goOn(session)
  }

  #goOn(session: Session): void {
    for (let line = TOY_SCRIPT[this.#said]; line?.[0] === this.#role; line = TOY_SCRIPT[this.#said]) {
      this.#said += 1
      this.#outbox?.say(line[1])
    }
    if (this.#said === TOY_SCRIPT.length && this.#role === 'initiator') void session.leave()
  }

  take(_: Session, message: Message): Promise<void> | void {
    if (message.type === TEXT.type || message.type === RECEIPT.type) return this.#outbox?.take(message)
    throw new ChatError('unexpected-message', 'toys take no files')
  }

  saidGoodbye(): void {}

  async handedOver(): Promise<void> {
    await this.#outbox?.handedOver()
  }

  async finish(): Promise<void> {
    await this.#outbox?.finish()
  }

  closed(_: Session, error: ChatError | null): void {
    this.#onOver(error)
  }

  lost(_: Session, error: ChatError): void {
    this.#onOver(error)
  }
}
