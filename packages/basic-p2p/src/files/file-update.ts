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

/** What an update says beyond the facts. */
type News = Pick<FileUpdate, 'state' | 'bytes'> & Partial<FileUpdate>

/** How far a file has come. */
type Progress = Pick<FileUpdate, 'bytes' | 'path'>

/** Tells what becomes of one file. All but progress() settle when the user's output has it. */
export class FileTeller {
  readonly facts: FileFacts
  readonly #tell: TellFile
  /** What is to be told next; null for nothing. */
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

  /** Bytes begin to flow, from there on. */
  begun(bytes: number, path: string | null): Promise<void> {
    return this.#tellProgress({ bytes, path })
  }

  /** May be called as often as one likes: a slow output hears the latest alone. */
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
    // Also the last step before a standstill is told, a little later.
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

/** Says a number of bytes as people do: `999 bytes`, `1.2 MB`. A unit is a thousand of the one before. */
export function sizeInWords(bytes: number): string {
  if (bytes < 1_000) return bytes === 1 ? '1 byte' : `${Math.round(bytes)} bytes`
  let value = bytes
  let unit = ''
  for (const next of UNITS) {
    value /= 1_000
    unit = next
    // What would be rounded up to a thousand belongs to the next unit.
    if (value < 999.95) break
  }
  return `${value.toFixed(1)} ${unit}`
}
