import { resolve } from 'node:path'

/**
 * A path that means the same wherever the program goes. Where the current folder was removed, a relative one stays as it
 * is, and what uses it fails in words.
 */
export function wholePath(path: string): string {
  try {
    return resolve(path)
  } catch {
    return path
  }
}
