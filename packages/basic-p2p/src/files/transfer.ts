import type { ErrorCode } from '@p2p-secure-chat/core/errors'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import type { FileFacts } from './file-update.ts'
import { type CancelCode, CHUNK_BYTES, type ResultCode } from '../messages/files.ts'

/** Chunks that may be under way, from the disk of one side to that of the other; see WINDOW. */
export const WINDOW_CHUNKS = 16

/**
 * Bytes that may be under way (about 1 MiB): enough for 10 MB/s at 100 ms, and little enough for the memory of both sides
 * and for the texts that wait behind them.
 */
export const WINDOW = WINDOW_CHUNKS * CHUNK_BYTES

/** Files of one direction that may be offered and not over at once. */
export const FILES_AT_ONCE = 4

/** What a file on its way is to our user. A conversation has one of each direction and id, ever. */
export type TransferFacts = Pick<FileFacts, 'direction' | 'id' | 'name' | 'size'>

/**
 * Sends a message on the connection that there is; settles when there is room for more. A caller that does not wait for
 * that may ignore the promise: receive() of the connection reports what breaks it.
 */
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

/** Which states may follow each state. */
export type Transitions<State extends string> = Readonly<Record<State, readonly State[]>>

/** @returns the next state @throws {TypeError} when it cannot follow, which is a mistake of ours */
export function nextState<State extends string>(transitions: Transitions<State>, from: State, to: State): State {
  if (!transitions[from].includes(to)) throw new TypeError(`what is ${from} cannot be ${to} next`)
  return to
}

type Code = CancelCode | NonNullable<ResultCode>

/** Why a file failed, in words for the side where it did not happen. The codes stand in messages; words never do. */
const THEIRS: Readonly<Record<Code, string>> = {
  declined: 'it was not accepted',
  cancelled: 'the other side stopped it',
  closed: 'the other side left before it was done',
  'too-many': 'the other side was offered too many files',
  busy: 'the other side is receiving the same file already',
  'disk-full': 'the disk of the other side is full',
  unwritable: 'the other side cannot write it',
  'bad-checksum': 'what arrived is not what was sent',
  'file-changed': 'the file was written to while it was sent',
  unreadable: 'the other side cannot read it any more',
  'no-answer': 'nobody answered',
  timeout: 'the other side waited too long',
}

/** What a code in FILE_RESULT or FILE_CANCEL says. */
export function theirTrouble(code: Code): string {
  return THEIRS[code]
}
