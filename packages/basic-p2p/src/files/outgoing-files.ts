import { ChatError } from '@p2p-secure-chat/core/errors'
import { ignorable } from '@p2p-secure-chat/core/wire/ignorable'
import type { TellFile } from './file-update.ts'
import { type OutgoingFile, outgoingFile } from './outgoing-file.ts'
import { type Sending, sending } from './sending.ts'
import { sizeOfSource } from './source-file.ts'
import type { Send, Transfer } from './transfer.ts'
import { FILE_CANCEL, type ResultCode } from '../messages/files.ts'
import { FILES_AT_ONCE } from './window.ts'

/** Files that may wait for their turn: more than a person looks after, and about a megabyte. A pipe waits for room. */
export const FILES_WAITING = 1_000

export interface OutgoingFilesOptions {
  readonly tell: TellFile
  /** Called with each file that is there. */
  onBegun(file: Transfer): void
}

/** A file of ours that is offered, or will be. */
export interface Taken {
  readonly id: number
  /** How many wait before it; null when its turn has come. */
  readonly before: number | null
}

/** Our files in one conversation: FILES_AT_ONCE are under way, the others wait for their turn. */
export interface OutgoingFiles {
  /**
   * Takes a file; settles when it is offered or waits for its turn, and there is room for another one.
   *
   * @throws {ChatError} `too-many` from somebody who does not wait for that; `unreadable`, `closed`
   */
  send(path: string): Promise<Taken>
  connect(send: Send): void
  disconnect(): void
  /** @throws {ChatError} as those of OutgoingFile; `bad-message` for an id that was never offered */
  accepted(id: number, offset: number): void
  progressed(id: number, offset: number): void
  resulted(id: number, code: ResultCode): void
  /** Takes no more files. */
  end(): void
}

export function outgoingFiles({ tell, onBegun }: OutgoingFilesOptions): OutgoingFiles {
  const offers = new Map<number, OutgoingFile>()
  const waiting = new Set<Sending>()
  const underWay = new Set<Sending>()
  /** One look after the other: files wait in the order of the commands. */
  let looking: Promise<unknown> = Promise.resolve()
  let lookedFor = 0
  let onRoom: (() => void)[] = []
  let lastSent = 0
  let lastOffered = 0
  /** The last one that was offered on a connection. */
  let lastHeard = 0
  /** Files that ended between two connections, though the receiver has heard of them. */
  let takenBack: number[] = []
  let send: Send | null = null
  let ended = false

  /** @throws {ChatError} `unreadable` */
  async function look(path: string): Promise<number> {
    lookedFor += 1
    const look = looking.then(() => sizeOfSource(path))
    looking = look.catch(() => undefined)
    try {
      return await look
    } finally {
      lookedFor -= 1
    }
  }

  function enter(path: string, size: number): Sending {
    lastSent += 1
    const file = sending({
      path,
      size,
      id: lastSent,
      tell,
      offer(source, teller, onEnded) {
        lastOffered += 1
        const id = lastOffered
        const offer = outgoingFile(id, source, teller, outcome => {
          offers.delete(id)
          if (send === null && id <= lastHeard) takenBack.push(id)
          onEnded(outcome)
        })
        offers.set(id, offer)
        if (send !== null) offer.offer(send)
        return offer
      },
      onOver() {
        waiting.delete(file)
        underWay.delete(file)
        beginNext()
      },
    })
    waiting.add(file)
    onBegun(file)
    beginNext()
    return file
  }

  function beginNext(): void {
    for (const file of waiting) {
      if (underWay.size >= FILES_AT_ONCE) break
      waiting.delete(file)
      underWay.add(file)
      file.begin()
    }
    if (waiting.size >= FILES_WAITING) return
    for (const resolve of onRoom) resolve()
    onRoom = []
  }

  /** @returns null for a file of ours that is over: what is said of it crossed its end */
  function offerOf(id: number): OutgoingFile | null {
    if (id > lastOffered) throw new ChatError('bad-message', `file ${id} was never offered`)
    return offers.get(id) ?? null
  }

  return {
    async send(path) {
      if (waiting.size + lookedFor >= FILES_WAITING) {
        throw new ChatError('too-many', `${FILES_WAITING} files wait for their turn already`, {
          hint: 'wait until some of them have arrived; /cancel takes the last one back',
        })
      }
      const size = await look(path)
      if (ended) throw new ChatError('closed', 'the conversation is over')
      const file = enter(path, size)
      const before = waiting.has(file) ? waiting.size - 1 : null
      await file.prepared
      if (waiting.size >= FILES_WAITING) await new Promise<void>(resolve => onRoom.push(resolve))
      return { id: file.facts.id, before }
    },

    connect(pass) {
      send = pass
      // In the order of their ids, so those that were offered before come first.
      for (const offer of offers.values()) offer.offer(pass)
      for (const id of takenBack) void ignorable(pass(FILE_CANCEL.message({ id, code: 'cancelled' })))
      takenBack = []
    },

    disconnect() {
      send = null
      lastHeard = lastOffered
    },

    accepted: (id, offset) => offerOf(id)?.accepted(offset),
    progressed: (id, offset) => offerOf(id)?.progressed(offset),
    resulted: (id, code) => offerOf(id)?.resulted(code),
    end() {
      ended = true
    },
  }
}
