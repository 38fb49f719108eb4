import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { ignorable } from '@p2p-secure-chat/core/wire/ignorable'
import { incomingFiles, type IncomingFilesOptions } from './incoming-files.ts'
import { outgoingFiles, type Taken } from './outgoing-files.ts'
import type { Send, Transfer, TransferFacts } from './transfer.ts'
import { FILE_ACCEPT, FILE_CANCEL, FILE_CHUNK, FILE_OFFER, FILE_PROGRESS, FILE_RESULT } from '../messages/files.ts'

export type { FilePolicy } from './incoming-files.ts'

/**
 * Messages of ours that may wait for a peer that does not read before we take no more of its own. Files under way have less
 * than that between them, so two peers that keep the rules never wait for each other.
 */
const UNREAD_LIMIT = 64

export type FileTransfersOptions = Omit<IncomingFilesOptions, 'onBegun'>

/** A file that is not over. */
export interface OpenFile extends TransferFacts {
  /** Whether it waits for our user's answer. */
  readonly waiting: boolean
  /** When it was offered or asked for, on the clock of `performance`. */
  readonly since: number
}

/** The files of one conversation, both ways, over one connection after the other. */
export interface FileTransfers {
  /** Files that are not over, the latest last. */
  readonly open: readonly OpenFile[]
  /**
   * Takes a file of ours; settles when it is offered or waits for its turn, and there is room for another one.
   *
   * @throws {ChatError} `too-many` from somebody who does not wait for that; `unreadable`, `closed`
   */
  offer(path: string): Promise<Taken>
  /** Accepts a file of the peer. @throws {ChatError} `no-file` where it waits for no answer; `too-many` */
  accept(id: number): void
  /** Declines it. @throws {ChatError} `no-file` */
  decline(id: number): void
  /** Stops a file in either direction. @throws {ChatError} `no-file` where it is over */
  cancel(direction: 'in' | 'out', id: number): void
  /** Goes on over that connection. */
  connect(send: Send): void
  /** The connection is gone. */
  disconnect(): void
  /**
   * Takes a message about files; settles when the next one may be taken.
   *
   * @throws {ChatError} `bad-message`, `unexpected-message`
   */
  take(message: Message): Promise<void> | void
  /** Settles when all of ours and all that we accepted are over. */
  settled(): Promise<void>
  /** Stops all, and tells the peer. */
  leave(): Promise<void>
  /** The conversation is over: nobody hears anything any more. */
  end(error: ChatError | null): Promise<void>
}

export function fileTransfers(options: FileTransfersOptions): FileTransfers {
  /** What is not over, in the order in which it began. */
  const begun = new Map<Transfer, number>()
  const outgoing = outgoingFiles({ tell: options.tell, onBegun })
  const incoming = incomingFiles({ ...options, onBegun })
  let unread = 0
  let latestSent: Promise<void> = Promise.resolve()

  function onBegun(file: Transfer): void {
    begun.set(file, performance.now())
    void file.over.then(() => begun.delete(file))
  }

  /** Counts what the connection has not taken yet. */
  function counted(send: Send): Send {
    return message => {
      const taken = () => {
        unread -= 1
      }
      unread += 1
      latestSent = ignorable(send(message))
      latestSent.then(taken, taken)
      return latestSent
    }
  }

  function take({ type, body }: Message): Promise<void> | void {
    switch (type) {
      case FILE_OFFER.type:
        return incoming.offered(FILE_OFFER.read(body))
      case FILE_ACCEPT.type: {
        const { id, offset } = FILE_ACCEPT.read(body)
        return outgoing.accepted(id, offset)
      }
      case FILE_CHUNK.type:
        return incoming.chunk(body)
      case FILE_PROGRESS.type: {
        const { id, offset } = FILE_PROGRESS.read(body)
        return outgoing.progressed(id, offset)
      }
      case FILE_RESULT.type: {
        const { id, code } = FILE_RESULT.read(body)
        return outgoing.resulted(id, code)
      }
      case FILE_CANCEL.type: {
        const { id, code } = FILE_CANCEL.read(body)
        return incoming.cancelled(id, code)
      }
    }
    throw new TypeError(`type 0x${type.toString(16)} is not about files`)
  }

  async function stopAll(stop: (file: Transfer) => Promise<void>): Promise<void> {
    outgoing.end()
    incoming.end()
    await Promise.all([...begun.keys()].map(stop))
  }

  return {
    get open() {
      const open = [...begun].filter(([file]) => !file.ended)
      return open.map(([{ facts, waiting }, since]) => ({ ...facts, waiting, since }))
    },

    offer: outgoing.send,
    accept: incoming.accept,
    decline: incoming.decline,
    cancel(direction, id) {
      const file = [...begun.keys()].find(({ facts }) => facts.direction === direction && facts.id === id)
      if (file === undefined || file.ended) throw new ChatError('no-file', `file ${id} is over already`)
      void file.cancel('cancelled', 'you stopped it')
    },

    connect(send) {
      const pass = counted(send)
      incoming.connect(pass)
      outgoing.connect(pass)
    },

    disconnect() {
      incoming.disconnect()
      outgoing.disconnect()
      for (const file of begun.keys()) file.suspend()
    },

    take(message) {
      const taken = take(message)
      if (unread <= UNREAD_LIMIT) return taken
      // What breaks the connection is told by its receive().
      return latestSent.then(
        () => taken,
        () => taken,
      )
    },

    async settled() {
      for (;;) {
        const busy = [...begun.keys()].filter(({ waiting }) => !waiting)
        if (busy.length === 0) return
        await Promise.all(busy.map(({ over }) => over))
      }
    },

    leave: () => stopAll(file => file.cancel('closed', 'you left before it was done')),
    end(error) {
      const { code, message } = error ?? { code: 'closed', message: 'the conversation ended before it was done' }
      return stopAll(file => file.abandon(code, message))
    },
  }
}
