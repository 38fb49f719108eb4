import type { ChatError } from '../errors.ts'

/** A file that gives away what a client keeps to itself otherwise, because its person asked for it. */
export interface Disclosure {
  /** What a person must know of it, in one line; null once nothing more is written. */
  readonly notice: string | null
  /** @param report told once why nothing more is written: at once, if that has happened already */
  onFailure(report: (error: ChatError) => void): void
  /**
   * Ends the file; one that holds nothing yet is removed. Never rejects: what fails only then, such as a write that a
   * network file system had put off, is told as any other failure.
   */
  close(): Promise<void>
}
