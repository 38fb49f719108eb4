import type { ErrorCode } from '@p2p-secure-chat/core/errors'

/** The progress of an offered file, as reported to the user. */
export interface FileUpdate {
  /** `in` if the peer sends it, `out` if we do. */
  readonly direction: 'in' | 'out'
  /** Counts the files of one direction in one conversation. */
  readonly id: number
  /** Safe as a file name and on a screen, whatever the peer called it. */
  readonly name: string
  /** Of the whole file, in bytes. */
  readonly size: number
  /** Hex; null for a file of ours that failed before it was hashed. */
  readonly sha256: string | null
  readonly state: 'offered' | 'progress' | 'done' | 'failed'
  /** Bytes that the receiver has. */
  readonly bytes: number
  /** Path of the file: ours from the start, theirs once it is done; otherwise null. */
  readonly path: string | null
  /** Path of a partial file that is kept for another try; otherwise null. */
  readonly partial: string | null
  /** Whether it waits for /accept or /decline. */
  readonly asks: boolean
  /** Why it failed; otherwise null. */
  readonly code: ErrorCode | null
  /** The same in words. */
  readonly message: string | null
}

/** Reports to the user; settles when the output has it. */
export type TellFile = (update: FileUpdate) => Promise<void> | void

/** Pause between two progress reports of a file, in milliseconds: a bar that moves, but no flood of events. */
const PROGRESS_PAUSE = 250

/** The constant part of all updates of a file. */
export type FileFacts = Pick<FileUpdate, 'direction' | 'id' | 'name' | 'size' | 'sha256'>

/** The variable part of an update. */
type News = Pick<FileUpdate, 'state' | 'bytes'> & Partial<FileUpdate>

/** How far a file has come. */
type Progress = Pick<FileUpdate, 'bytes' | 'path'>

/** Reports on one file. All methods but progress() settle when the user's output has the report. */
export class FileTeller {
  readonly facts: FileFacts
  readonly #tell: TellFile
  /** Progress that is still to be reported; null for none. */
  #latest: Progress | null = null
  #toldAt = Number.NEGATIVE_INFINITY
  #telling = false
  #ended = false
  #timer: NodeJS.Timeout | undefined

  constructor(facts: FileFacts, tell: TellFile) {
    this.facts = facts
    this.#tell = tell
  }

  offered(path: string | null, asks: boolean): Promise<void> {
    return this.#update({ state: 'offered', bytes: 0, path, asks })
  }

  /** Bytes begin to flow from this offset. */
  begun(bytes: number, path: string | null): Promise<void> {
    return this.#tellProgress({ bytes, path })
  }

  /** May be called often: a slow output gets only the latest progress. */
  progress(bytes: number, path: string | null): void {
    this.#latest = { bytes, path }
    this.#tellLatest()
  }

  done(path: string): Promise<void> {
    return this.#end({ state: 'done', bytes: this.facts.size, path })
  }

  failed(code: ErrorCode, message: string, where: Pick<FileUpdate, 'path' | 'partial' | 'bytes'>): Promise<void> {
    return this.#end({ state: 'failed', ...where, code, message })
  }

  async #tellProgress(progress: Progress): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#latest = null
    this.#toldAt = performance.now()
    this.#telling = true
    await this.#update({ state: 'progress', ...progress })
    this.#telling = false
    this.#tellLatest()
  }

  #tellLatest(): void {
    if (this.#latest === null || this.#telling || this.#timer !== undefined || this.#ended) return
    const wait = this.#toldAt + PROGRESS_PAUSE - performance.now()
    // The last step before a standstill is reported, too, a little later.
    if (wait > 0) this.#timer = setTimeout(() => this.#latest !== null && void this.#tellProgress(this.#latest), wait)
    else void this.#tellProgress(this.#latest)
  }

  #end(update: News): Promise<void> {
    this.#ended = true
    clearTimeout(this.#timer)
    return this.#update(update)
  }

  async #update(news: News): Promise<void> {
    await this.#tell({ ...this.facts, path: null, partial: null, asks: false, code: null, message: null, ...news })
  }
}

const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB']

/** Formats a number of bytes for people: `999 bytes`, `1.2 MB`. Units are powers of 1,000. */
export function sizeInWords(bytes: number): string {
  if (bytes < 1_000) return bytes === 1 ? '1 byte' : `${Math.round(bytes)} bytes`
  let value = bytes
  let unit = ''
  for (const next of UNITS) {
    value /= 1_000
    unit = next
    // A value that would round up to 1000.0 belongs to the next unit.
    if (value < 999.95) break
  }
  return `${value.toFixed(1)} ${unit}`
}
