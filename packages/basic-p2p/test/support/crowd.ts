import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { GOODBYE } from '@p2p-secure-chat/core/wire/common-messages'
import { errorMessage } from '@p2p-secure-chat/core/wire/error-message'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { withGoodbye } from '@p2p-secure-chat/core/wire/goodbye'
import { jsonMessage } from '../../../core/test/support/json-message.ts'
import type { PeerSecurity } from '@p2p-secure-chat/core/wire/upgrade'
import { channelPair } from '../../../core/test/support/channel-pair.ts'
import type { PeerConnection } from '../../src/chat/establish.ts'
import { ACCEPT, CALL, DECLINE, RECEIPT, TEXT } from '../../src/messages/conversation.ts'
import { FILE_OFFER } from '../../src/messages/files.ts'
import type { Gates } from './gates.ts'

/** What somebody of a crowd may say at any moment. */
export const SAYINGS = [
  'CALL',
  'CALL again',
  'CALL resume',
  'ACCEPT',
  'ACCEPT resume',
  'DECLINE declined',
  'DECLINE busy',
  'DECLINE crossed',
  'DECLINE no-conversation',
  'TEXT',
  'RECEIPT',
  'FILE_OFFER',
  'GOODBYE',
  'ERROR too-many',
  'ERROR bad-message',
] as const

export type Saying = (typeof SAYINGS)[number]

/** A connection of theirs, and whether our side has ended it. */
export interface Line {
  readonly name: string
  readonly channel: Channel
  isOver: boolean
}

/** The key of our user: some of the others precede it. */
const OUR_KEY = 'm'

const hex = (digits: string) => digits.padStart(16, '0').padEnd(32, '0')

/** Many who call our user and answer, in a few names and with several keys. They know the ids of their conversations. */
export class Crowd {
  readonly lines: Line[] = []
  /** The key that our user remembers for a name. */
  readonly pins = new Map<string, string>()
  readonly #hasKeys: boolean
  readonly #gates: Gates
  readonly #ids = new Map<string, { ours: string; theirs: string }>()
  #calls = 0

  /** @param hasKeys whether anything proves who they are */
  constructor(hasKeys: boolean, gates: Gates) {
    this.#hasKeys = hasKeys
    this.#gates = gates
  }

  /** @returns a connection to our user; null where the upgrade would refuse that key */
  connect(name: string, key: string): PeerConnection | null {
    if (this.#hasKeys && (this.pins.get(name) ?? key) !== key) return null
    const [ours, theirs] = channelPair()
    const line = { name, channel: theirs, isOver: false }
    this.lines.push(line)
    void this.#listen(line)
    return { channel: withGoodbye(ours), security: this.#security(name, key) }
  }

  /** One of the lines that our side has not ended, the latest first. */
  line(index: number): Line | undefined {
    const open = this.lines.filter(({ isOver }) => !isOver)
    return open.at(-1 - (index % open.length))
  }

  say({ name, channel }: Line, saying: Saying): void {
    channel.send(this.#message(name, saying)).catch(() => undefined)
  }

  #message(name: string, saying: Saying): Message {
    const { ours, theirs } = this.#ids.get(name) ?? { ours: hex('1'), theirs: hex('2') }
    const [type, word = ''] = saying.split(' ')
    switch (type) {
      case 'CALL': {
        if (word === 'again') return jsonMessage(CALL.type, { conversation: theirs })
        if (word === 'resume')
          return CALL.message({ conversation: theirs, resume: { conversation: ours, received: 0n } })
        this.#calls += 1
        const conversation = hex(this.#calls.toString(16))
        this.#ids.set(name, { ours, theirs: conversation })
        return CALL.message({ conversation })
      }
      case 'ACCEPT':
        if (word === 'resume') return ACCEPT.message({ conversation: theirs, received: 0n })
        return ACCEPT.message({ conversation: hex('f') })
      case 'TEXT':
        return TEXT.message({ id: 1n, text: 'hello' })
      case 'RECEIPT':
        return RECEIPT.message({ id: 1n })
      case 'FILE_OFFER':
        return FILE_OFFER.message({ id: 1, name: 'tea.txt', size: 1, sha256: '5d'.repeat(32) })
      case 'GOODBYE':
        return GOODBYE.message({})
      case 'ERROR':
        return errorMessage(new ChatError(word === 'too-many' ? word : 'bad-message', 'as they say'))
      default:
        return jsonMessage(DECLINE.type, { code: word })
    }
  }

  /** Follows what our side says, up to its end. */
  async #listen(line: Line): Promise<void> {
    try {
      for (;;) {
        const message = await line.channel.receive()
        if (message === null) break
        if (message.type === CALL.type) {
          const { conversation, resume } = CALL.read(message.body)
          if (resume === undefined) this.#ids.set(line.name, { ours: conversation, theirs: hex('f') })
        }
        const ids = this.#ids.get(line.name)
        if (message.type === ACCEPT.type && ids !== undefined) ids.ours = ACCEPT.read(message.body).conversation
      }
    } catch {
      // Cut, by either side.
    }
    line.isOver = true
  }

  #security(name: string, key: string): PeerSecurity {
    const known = this.pins.get(name) === key ? 'known' : 'new'
    return {
      protocol: 'peer-basic/1',
      peer: name,
      confidential: false,
      integrity: false,
      identity: this.#hasKeys ? known : 'none',
      fingerprint: this.#hasKeys ? key : null,
      safetyNumber: null,
      precedes: this.#hasKeys ? OUR_KEY < key : 'alice' < name,
      notices: [],
      remember: async () => {
        await this.#gates.pass('remember')
        if ((this.pins.get(name) ?? key) !== key) throw new ChatError('key-changed', 'the name has another key')
        this.pins.set(name, key)
      },
      opened: () => this.#gates.pass('opened'),
      verify: () => Promise.resolve(),
    }
  }
}
