import { printableLine } from './printable.ts'

/** A path as one word for a POSIX shell, and for the terminal. */
export function shellWord(path: string): string {
  const shown = printableLine(path)
  return /^[\w./:@%+=-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", "'\\''")}'`
}
