import type { ErrorCode } from '@p2p-secure-chat/core/errors'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import type { FileFacts } from './file-update.ts'

/** What a file on its way is to our user. A conversation has one of each direction and id, ever. */
export type TransferFacts = Pick<FileFacts, 'direction' | 'id' | 'name' | 'size'>

/** Sends a message on the connection that there is; settles when there is room for more. */
export type Send = (message: Message) => Promise<void>

/** A file on its way, in either direction, over one connection after the other. */
export interface Transfer {
  readonly facts: TransferFacts
  /** Whether it waits for our user's answer. */
  readonly waiting: boolean
  /** Whether it is decided how it ends. It is over once its disk work is done, and our user has heard of it. */
  readonly ended: boolean
  /** The connection is gone. */
  suspend(): void
  /** Ends it from our side. */
  cancel(code: 'cancelled' | 'closed', message: string): Promise<void>
  /** The conversation is over. */
  abandon(code: ErrorCode, message: string): Promise<void>
  /** Settles when it is over. */
  readonly over: Promise<void>
}
