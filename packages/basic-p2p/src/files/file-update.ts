import type { ErrorCode } from '@p2p-secure-chat/core/errors'

/** What becomes of a file that is offered, as its owner is told. */
export interface FileUpdate {
  /** Whether the peer sends it (`in`) or we do (`out`). */
  readonly direction: 'in' | 'out'
  /** Counts the files of one direction in one conversation. */
  readonly id: number
  /** Fit for a file name and a screen, whatever the peer called it. */
  readonly name: string
  /** Of the whole file, in bytes. */
  readonly size: number
  /** Hex. */
  readonly sha256: string
  readonly state: 'offered' | 'progress' | 'done' | 'failed'
  /** Bytes that the receiver has. */
  readonly bytes: number
  /** Where the file is: of ours from the beginning, of theirs once it is done; else null. */
  readonly path: string | null
  /** Where the part that came is kept for another try; else null. */
  readonly partial: string | null
  /** Whether it waits for a person's /accept or /decline. */
  readonly asks: boolean
  /** Why it failed; else null. */
  readonly code: ErrorCode | null
  /** The same for people. */
  readonly message: string | null
}

/** How often progress is told of one file, in milliseconds: a bar that moves, and no flood of events. */
const PROGRESS_PAUSE = 250

/** What every update of one file says. */
export type FileFacts = Pick<FileUpdate, 'direction' | 'id' | 'name' | 'size' | 'sha256'>

/** Tells what becomes of one file. */
export interface FileTeller {
  offered(path: string | null, asks: boolean): void
  /** Bytes begin to flow, from there on. */
  begun(bytes: number, path: string | null): void
  /** May be called as often as one likes. */
  progress(bytes: number, path: string | null): void
  done(path: string): void
  failed(code: ErrorCode, message: string, where: Pick<FileUpdate, 'path' | 'partial' | 'bytes'>): void
}

export function fileTeller(facts: FileFacts, tell: (update: FileUpdate) => void): FileTeller {
  const common = { ...facts, path: null, partial: null, asks: false, code: null, message: null }
  let toldAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined

  function begun(bytes: number, path: string | null): void {
    clearTimeout(timer)
    timer = undefined
    toldAt = performance.now()
    tell({ ...common, state: 'progress', bytes, path })
  }

  function end(update: FileUpdate): void {
    clearTimeout(timer)
    tell(update)
  }

  return {
    offered: (path, asks) => tell({ ...common, state: 'offered', bytes: 0, path, asks }),
    begun,
    progress(bytes, path) {
      const wait = toldAt + PROGRESS_PAUSE - performance.now()
      clearTimeout(timer)
      // Also the last step before a standstill is told, a little later.
      if (wait > 0) timer = setTimeout(() => begun(bytes, path), wait)
      else begun(bytes, path)
    },
    done: path => end({ ...common, state: 'done', bytes: facts.size, path }),
    failed: (code, message, where) => end({ ...common, state: 'failed', ...where, code, message }),
  }
}
