import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { ignorable } from '@p2p-secure-chat/core/contain'
import { IncomingFiles, type IncomingFilesOptions } from './incoming-files.ts'
import { OutgoingFiles, type QueuedFile } from './outgoing-files.ts'
import type { Send, Transfer, TransferFacts } from './transfer.ts'
import { FILE_ACCEPT, FILE_CANCEL, FILE_CHUNK, FILE_OFFER, FILE_PROGRESS, FILE_RESULT } from '../messages/files.ts'

export type { FilePolicy } from './incoming-files.ts'

/**
 * Messages that may wait for a peer that does not read, before we stop handling its own. Files under way need fewer, so two
 * peers that keep the rules never wait for each other.
 */
const UNREAD_LIMIT = 64

export type FileTransfersOptions = Omit<IncomingFilesOptions, 'onBegun'>

/** A file that is queued or under way. */
export interface OpenFile extends TransferFacts {
  /** Whether it is waiting for our user's answer. */
  readonly waiting: boolean
  /** When it was offered or queued, in milliseconds of `performance.now()`. */
  readonly since: number
}

/** The files of one conversation, in both directions, across reconnects. */
export interface FileTransfers {
  /** Files that are queued or under way, the latest last. */
  readonly open: readonly OpenFile[]
  /**
   * Queues a file of ours; settles once it is offered or queued and there is room for another one.
   *
   * @throws {ChatError} `too-many` if called without waiting for that; `unreadable`, `closed`
   */
  offer(path: string): Promise<QueuedFile>
  /** Accepts a file of the peer. @throws {ChatError} `no-file` if it is not waiting for an answer; `too-many` */
  accept(id: number): void
  /** Declines it. @throws {ChatError} `no-file` */
  decline(id: number): void
  /** Stops a file in either direction. @throws {ChatError} `no-file` if it is over */
  cancel(direction: 'in' | 'out', id: number): void
  /** Resumes on a new connection. */
  connect(send: Send): void
  /** The connection is gone. */
  disconnect(): void
  /**
   * Handles a message about files; settles when the next one may be handled.
   *
   * @throws {ChatError} `bad-message`, `unexpected-message`
   */
  take(message: Message): Promise<void> | void
  /** Settles when all our files and all accepted ones are over. */
  settled(): Promise<void>
  /** Stops all files and tells the peer. */
  leave(): Promise<void>
  /** The conversation is over: the peer can no longer be told. */
  end(error: ChatError | null): Promise<void>
}

export function fileTransfers(options: FileTransfersOptions): FileTransfers {
  return new Transfers(options)
}

class Transfers implements FileTransfers {
  readonly #outgoing: OutgoingFiles
  readonly #incoming: IncomingFiles
  /** Start times of the files that are not over, the latest last. */
  readonly #begun = new Map<Transfer, number>()
  /** Messages of ours that the connection has not sent yet. */
  #unread = 0
  #latestSent: Promise<void> = Promise.resolve()

  constructor(options: FileTransfersOptions) {
    const onBegun = (file: Transfer) => {
      this.#begun.set(file, performance.now())
      void file.over.then(() => this.#begun.delete(file))
    }
    this.#outgoing = new OutgoingFiles({ tell: options.tell, onBegun })
    this.#incoming = new IncomingFiles({ ...options, onBegun })
  }

  get open(): readonly OpenFile[] {
    const open = [...this.#begun].filter(([file]) => !file.ended)
    return open.map(([{ facts, waiting }, since]) => ({ ...facts, waiting, since }))
  }

  offer(path: string): Promise<QueuedFile> {
    return this.#outgoing.send(path)
  }

  accept(id: number): void {
    this.#incoming.accept(id)
  }

  decline(id: number): void {
    this.#incoming.decline(id)
  }

  cancel(direction: 'in' | 'out', id: number): void {
    const file = [...this.#begun.keys()].find(({ facts }) => facts.direction === direction && facts.id === id)
    if (file === undefined || file.ended) throw new ChatError('no-file', `file ${id} is already over`)
    void file.cancel('cancelled', 'you stopped it')
  }

  connect(send: Send): void {
    const counted: Send = message => this.#sendCounted(send, message)
    this.#incoming.connect(counted)
    this.#outgoing.connect(counted)
  }

  disconnect(): void {
    this.#incoming.disconnect()
    this.#outgoing.disconnect()
    for (const file of this.#begun.keys()) file.suspend()
  }

  take(message: Message): Promise<void> | void {
    const taken = this.#take(message)
    if (this.#unread <= UNREAD_LIMIT) return taken
    // receive() of the connection reports why it broke.
    return this.#latestSent.then(
      () => taken,
      () => taken,
    )
  }

  async settled(): Promise<void> {
    for (;;) {
      const busy = [...this.#begun.keys()].filter(({ waiting }) => !waiting)
      if (busy.length === 0) return
      await Promise.all(busy.map(({ over }) => over))
    }
  }

  leave(): Promise<void> {
    return this.#endAll(file => file.cancel('closed', 'you left before it was done'))
  }

  end(error: ChatError | null): Promise<void> {
    const { code, message } = error ?? { code: 'closed', message: 'the conversation ended before it was done' }
    return this.#endAll(file => file.abandon(code, message))
  }

  #take({ type, body }: Message): Promise<void> | void {
    switch (type) {
      case FILE_OFFER.type:
        return this.#incoming.offered(FILE_OFFER.read(body))
      case FILE_ACCEPT.type: {
        const { id, offset } = FILE_ACCEPT.read(body)
        return this.#outgoing.accepted(id, offset)
      }
      case FILE_CHUNK.type:
        return this.#incoming.chunk(body)
      case FILE_PROGRESS.type: {
        const { id, offset } = FILE_PROGRESS.read(body)
        return this.#outgoing.progressed(id, offset)
      }
      case FILE_RESULT.type: {
        const { id, code } = FILE_RESULT.read(body)
        return this.#outgoing.resulted(id, code)
      }
      case FILE_CANCEL.type: {
        const { id, code } = FILE_CANCEL.read(body)
        return this.#incoming.cancelled(id, code)
      }
    }
    throw new TypeError(`type 0x${type.toString(16)} is not about files`)
  }

  #sendCounted(send: Send, message: Message): Promise<void> {
    const taken = () => {
      this.#unread -= 1
    }
    this.#unread += 1
    const sent = ignorable(send(message))
    sent.then(taken, taken)
    this.#latestSent = sent
    return sent
  }

  async #endAll(endOne: (file: Transfer) => Promise<void>): Promise<void> {
    this.#outgoing.end()
    this.#incoming.end()
    await Promise.all([...this.#begun.keys()].map(endOne))
  }
}
