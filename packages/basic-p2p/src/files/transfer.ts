import type { ErrorCode } from '@p2p-secure-chat/core/errors'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import type { FileFacts } from './file-update.ts'
import { type CancelCode, CHUNK_BYTES, type ResultCode } from '../messages/files.ts'

/** Chunks that may be in flight, from disk to disk; see WINDOW. */
export const WINDOW_CHUNKS = 16

/**
 * Bytes that may be in flight (about 1 MiB): enough for 10 MB/s at 100 ms, and little enough for the memory of both sides
 * and the texts that wait behind them.
 */
export const WINDOW = WINDOW_CHUNKS * CHUNK_BYTES

/** Files that may be offered or under way at once, in each direction. */
export const FILES_AT_ONCE = 4

/** A file as our user knows it. In one conversation, direction and id are never reused. */
export type TransferFacts = Pick<FileFacts, 'direction' | 'id' | 'name' | 'size'>

/**
 * Sends a message on the current connection; settles when there is room for more. The promise may be ignored: receive() of
 * the connection reports why it broke.
 */
export type Send = (message: Message) => Promise<void>

/** A file in transit, in either direction, across reconnects. */
export interface Transfer {
  readonly facts: TransferFacts
  /** Whether it is waiting for our user's answer. */
  readonly waiting: boolean
  /** Whether its outcome is decided. It is over once its disk work is done and our user has been notified. */
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

/** @returns the next state @throws {TypeError} for a transition that is not listed, which is a bug */
export function nextState<State extends string>(transitions: Transitions<State>, from: State, to: State): State {
  if (!transitions[from].includes(to)) throw new TypeError(`${to} cannot follow ${from}`)
  return to
}

type Code = CancelCode | NonNullable<ResultCode>

/** Why a file failed on the other side, in words. Messages carry only the codes. */
const THEIRS: Readonly<Record<Code, string>> = {
  declined: 'the other side declined it',
  cancelled: 'the other side stopped it',
  closed: 'the other side left before it was done',
  'too-many': 'the other side has too many files on offer',
  busy: 'the other side is already receiving the same file',
  'disk-full': 'the disk of the other side is full',
  unwritable: 'the other side cannot write it',
  'bad-checksum': 'the file that arrived differs from the one sent',
  'file-changed': 'the file changed while it was being sent',
  unreadable: 'the other side can no longer read it',
  'no-answer': 'nobody answered',
  timeout: 'the other side gave up waiting',
}

/** Words for a code in FILE_RESULT or FILE_CANCEL. */
export function theirTrouble(code: Code): string {
  return THEIRS[code]
}
