import { ftruncateSync } from 'node:fs'

/**
 * Takes away what was written to a file beyond `size` bytes: on a full disk, a part of what is appended may be there. If
 * that fails as well, it stays.
 */
export function cutBack(file: number, size: number): void {
  try {
    ftruncateSync(file, size)
  } catch {
    // The failure that led here is told already.
  }
}
