import { basename } from 'node:path'
import { contain, contained } from '@p2p-secure-chat/core/contain'
import type { ErrorCode } from '@p2p-secure-chat/core/errors'
import { type FileTeller, fileTeller, type TellFile } from './file-update.ts'
import type { Outcome, OutgoingFile } from './outgoing-file.ts'
import { openSource, type SourceFile } from './source-file.ts'
import type { Transfer } from './transfer.ts'

/**
 * Pauses before a file is offered again to a receiver that had no place for it, in milliseconds. Its disk is at work, or
 * others send it files: half a minute in all.
 */
export const OFFER_PAUSES: readonly number[] = [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000]

/** A file of ours from the command to its end: it waits for its turn, is read and hashed, and is offered. */
export interface Sending extends Transfer {
  /** Its turn has come. */
  begin(): void
  /** Settles when it is offered, or will not be; at once while it waits for its turn. */
  readonly prepared: Promise<void>
}

export interface SendingOptions {
  readonly path: string
  /** When it was asked for, in bytes. */
  readonly size: number
  /** Counts our files in the conversation. */
  readonly id: number
  readonly tell: TellFile
  /** Offers it under the next id. */
  offer(source: SourceFile, teller: FileTeller, onEnded: (outcome: Outcome) => void): OutgoingFile
  /** Called when it is over: another one may begin. */
  onOver(): void
}

export function sending({ path, size, id, tell, offer, onOver }: SendingOptions): Sending {
  const ending = new AbortController()
  const pauses = [...OFFER_PAUSES]
  let teller = fileTeller({ direction: 'out', id, name: basename(path), size, sha256: null }, tell)
  let source: SourceFile | null = null
  let prepared: Promise<void> = Promise.resolve()
  /** The present offer; null before the first one, in a pause, and at the end. */
  let offered: OutgoingFile | null = null
  let timer: NodeJS.Timeout | undefined
  let onTold = () => {}
  const over = new Promise<void>(resolve => {
    onTold = resolve
  })

  async function end(tellEnd: () => Promise<void>): Promise<void> {
    if (ending.signal.aborted) return over
    ending.abort()
    clearTimeout(timer)
    const told = tellEnd()
    await prepared
    await source?.close()
    // Its place is taken until then, or a user who reads nothing would have ever more to read.
    await told
    onOver()
    onTold()
  }

  function fail(code: ErrorCode, message: string, bytes = 0): Promise<void> {
    return end(() => teller.failed(code, message, { path, partial: null, bytes }))
  }

  function failWith(thrown: unknown): void {
    const { code, message } = contain(thrown)
    void fail(code, message)
  }

  async function prepare(): Promise<void> {
    try {
      source = await openSource(path, ending.signal)
      if (ending.signal.aborted) return
      const { name, size, sha256 } = source
      teller = fileTeller({ direction: 'out', id, name, size, sha256 }, tell)
      contained(teller.offered(path, false))
      offerNow(source)
    } catch (thrown) {
      failWith(thrown)
    }
  }

  function offerNow(present: SourceFile): void {
    try {
      offered = offer(present, teller, outcome => follow(present, outcome))
    } catch (thrown) {
      failWith(thrown)
    }
  }

  function follow(present: SourceFile, { code, message, bytes, refused }: Outcome): void {
    offered = null
    const pause = refused ? pauses.shift() : undefined
    if (pause !== undefined) timer = setTimeout(() => offerNow(present), pause)
    else if (code === null) void end(() => teller.done(path))
    else void fail(code, message, bytes)
  }

  return {
    facts: { direction: 'out', id, name: basename(path), size },
    waiting: false,
    over,
    get ended() {
      return ending.signal.aborted
    },
    get prepared() {
      return prepared
    },

    begin() {
      if (!ending.signal.aborted) prepared = prepare()
    },

    suspend: () => offered?.suspend(),

    cancel(code, message) {
      if (offered === null) return fail(code, message)
      offered.cancel(code, message)
      return over
    },

    abandon(code, message) {
      if (offered === null) return fail(code, message)
      offered.abandon(code, message)
      return over
    },
  }
}
