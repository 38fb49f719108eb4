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
  /** Hex; null for a file of ours that failed before its turn came, or could not be read. */
  readonly sha256: string | null
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

/** Tells the user; settles when the output has it. */
export type TellFile = (update: FileUpdate) => Promise<void> | void

/** How often progress is told of one file, in milliseconds: a bar that moves, and no flood of events. */
const PROGRESS_PAUSE = 250

/** What every update of one file says. */
export type FileFacts = Pick<FileUpdate, 'direction' | 'id' | 'name' | 'size' | 'sha256'>

/** Tells what becomes of one file. All but progress() settle when the user's output has it. */
export interface FileTeller {
  offered(path: string | null, asks: boolean): Promise<void>
  /** Bytes begin to flow, from there on. */
  begun(bytes: number, path: string | null): Promise<void>
  /** May be called as often as one likes: a slow output hears the latest alone. */
  progress(bytes: number, path: string | null): void
  done(path: string): Promise<void>
  failed(code: ErrorCode, message: string, where: Pick<FileUpdate, 'path' | 'partial' | 'bytes'>): Promise<void>
}

export function fileTeller(facts: FileFacts, tell: TellFile): FileTeller {
  const common = { ...facts, path: null, partial: null, asks: false, code: null, message: null }
  let latest: Pick<FileUpdate, 'bytes' | 'path'> | null = null
  let toldAt = Number.NEGATIVE_INFINITY
  let telling = false
  let ended = false
  let timer: NodeJS.Timeout | undefined

  async function tellProgress(now: Pick<FileUpdate, 'bytes' | 'path'>): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    latest = null
    toldAt = performance.now()
    telling = true
    await tell({ ...common, state: 'progress', ...now })
    telling = false
    tellLatest()
  }

  function tellLatest(): void {
    if (latest === null || telling || timer !== undefined || ended) return
    const wait = toldAt + PROGRESS_PAUSE - performance.now()
    // Also the last step before a standstill is told, a little later.
    if (wait > 0) timer = setTimeout(() => latest !== null && void tellProgress(latest), wait)
    else void tellProgress(latest)
  }

  async function end(update: FileUpdate): Promise<void> {
    ended = true
    clearTimeout(timer)
    await tell(update)
  }

  return {
    offered: async (path, asks) => tell({ ...common, state: 'offered', bytes: 0, path, asks }),
    begun: (bytes, path) => tellProgress({ bytes, path }),
    progress(bytes, path) {
      latest = { bytes, path }
      tellLatest()
    },
    done: path => end({ ...common, state: 'done', bytes: facts.size, path }),
    failed: (code, message, where) => end({ ...common, state: 'failed', ...where, code, message }),
  }
}
