import { createHash, randomBytes } from 'node:crypto'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { establish } from '@p2p-secure-chat/basic-p2p/chat/establish'
import { WINDOW } from '@p2p-secure-chat/basic-p2p/files/transfer'
import { ACCEPT, CALL } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import {
  type CancelCode,
  CHUNK_BYTES,
  FILE_ACCEPT,
  FILE_CANCEL,
  FILE_CHUNK,
  FILE_OFFER,
  FILE_PROGRESS,
  FILE_RESULT,
} from '@p2p-secure-chat/basic-p2p/messages/files'
import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { type Address, parseAddress } from '@p2p-secure-chat/core/net/address'
import { dial } from '@p2p-secure-chat/core/net/dial'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { strangersUpgrade } from '@p2p-secure-chat/stage/stranger'

/** Size of the file that is left half-sent, to be hashed again and again, in bytes. */
const LEFT_BYTES = 64 * 2 ** 20

/** Answers that wait for somebody to ask for them. */
const ANSWERS_KEPT = 64

/** Rounds in one turn of the event loop. */
const ROUNDS_IN_TURN = 20

/** Mallory, who offers files of all kinds. */
interface Mallory {
  readonly channel: Channel
  /** The next answer of one of these types; others are passed over. */
  answer(...types: readonly number[]): Promise<Message>
  /** The id of her next file. */
  next(): number
}

/** @returns what one round does; it settles when the next one may begin */
type Flood = (mallory: Mallory) => Promise<() => Promise<void>>

const FLOODS: Readonly<Record<string, Flood>> = {
  'offer and take back': async ({ channel, next }) => {
    return async () => {
      const id = next()
      void channel.send(offer(id, 200_000, String(id)))
      await channel.send(cancel(id, 'cancelled'))
    }
  },
  'offer and stay silent': async ({ channel, next }) => {
    return () => channel.send(offer(next(), 200_000, ''))
  },
  'empty files that arrive': async ({ channel, next, answer }) => {
    return async () => {
      void channel.send(offer(next(), 0, ''))
      await answer(FILE_RESULT.type)
    }
  },
  'resume a half-sent file and leave': async ({ channel, next, answer }) => {
    async function resume(): Promise<{ id: number; offset: number }> {
      for (;;) {
        const id = next()
        void channel.send(offer(id, LEFT_BYTES + 1, 'left'))
        const { type, body } = await answer(FILE_ACCEPT.type, FILE_RESULT.type)
        if (type === FILE_ACCEPT.type) return { id, offset: Number(JSON.parse(Buffer.from(body).toString()).offset) }
        await sleep(10)
      }
    }

    const { id } = await resume()
    let confirmed = 0
    for (let at = 0; at + CHUNK_BYTES <= LEFT_BYTES; at += CHUNK_BYTES) {
      while (at + CHUNK_BYTES - confirmed > WINDOW)
        confirmed = FILE_PROGRESS.read((await answer(FILE_PROGRESS.type)).body).offset
      await channel.send(FILE_CHUNK.messageIn(randomBytes(FILE_CHUNK.headBytes + CHUNK_BYTES), { id, offset: at }))
    }
    await channel.send(cancel(id, 'closed'))
    return async () => {
      await channel.send(cancel((await resume()).id, 'closed'))
    }
  },
}

async function openMallory(address: Address): Promise<Mallory> {
  const upgrade = strangersUpgrade('mallory', { protocol: 'peer-aes/1', groups: [namedGroup('ffdhe3072')] })
  const { channel } = await establish(await dial(address), { role: 'initiator', upgrade, expected: 'alice' })
  await channel.send(CALL.message({ conversation: randomBytes(16).toString('hex') }))
  /** Those that nobody has asked for yet, the latest few. */
  const answers: Message[] = []
  let onAnswer = () => {}
  /** To the end: a client whose answers nobody reads does not listen any more. */
  const read = async () => {
    for (let message = await channel.receive(); message !== null; message = await channel.receive()) {
      answers.push(message)
      if (answers.length > ANSWERS_KEPT) answers.shift()
      onAnswer()
    }
  }
  read().catch(() => undefined)
  async function answer(...types: readonly number[]): Promise<Message> {
    for (;;) {
      for (let message = answers.shift(); message !== undefined; message = answers.shift()) {
        if (types.includes(message.type)) return message
      }
      await new Promise<void>(resolve => {
        onAnswer = resolve
      })
    }
  }
  await answer(ACCEPT.type)
  let id = 0
  return { channel, answer, next: () => (id += 1) }
}

function offer(id: number, size: number, content: string): Message {
  return FILE_OFFER.message({
    id,
    name: 'photo.jpg',
    size,
    sha256: createHash('sha256').update(content).digest('hex'),
  })
}

const cancel = (id: number, code: CancelCode) => FILE_CANCEL.message({ id, code })

export const FLOOD_NAMES: readonly string[] = Object.keys(FLOODS)

/** Floods the client at an address, and tells the process that asked for it how many rounds there were so far. */
async function run(flood: string, address: string): Promise<void> {
  const round = await FLOODS[flood]?.(await openMallory(parseAddress(address)))
  for (let rounds = 0; round !== undefined; rounds++) {
    if (rounds % ROUNDS_IN_TURN === 0) {
      process.send?.(rounds)
      await nextTurn()
    }
    await round()
  }
}

const [, , flood, address] = process.argv
if (process.send !== undefined && flood !== undefined && address !== undefined) await run(flood, address)
