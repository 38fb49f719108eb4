import { openSync } from 'node:fs'
import { ChatError } from '../errors.ts'
import { fileError, systemCode } from './file-error.ts'

/**
 * Makes a file for its owner alone. What is there already under that name, a link to somewhere else included, is left
 * alone: what is to be written must not end up in something that others read.
 *
 * @returns its descriptor, to write to
 * @throws {ChatError} `unwritable`, `disk-full`
 */
export function openNewFile(path: string): number {
  try {
    return openSync(path, 'wx', 0o600)
  } catch (cause) {
    if (systemCode(cause) !== 'EEXIST') throw fileError('unwritable', path, cause)
    const hint = 'give the name of a file that is not there yet, or move that one away'
    throw new ChatError('unwritable', `${path} exists already, and nothing is written over`, { cause, hint })
  }
}

/** Refuses `-` where a flag names a file: elsewhere it stands for stdout. @throws {ChatError} `usage` */
export function checkFileName(flag: string, path: string | undefined): void {
  if (path === '-') throw new ChatError('usage', `${flag} names a file`)
}
