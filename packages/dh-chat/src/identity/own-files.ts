import { join } from 'node:path'
import type { PersonalFiles } from '@p2p-secure-chat/basic-p2p/commands/preferences'
import { replaceFile } from '@p2p-secure-chat/core/files/replace-file'
import { readOwnFile } from './read-own-file.ts'

/** The files of NAME in HOME/NAME, beside the identity, which must exist. */
export function ownFiles(home: string, name: string): PersonalFiles {
  const where = (file: string) => join(home, name, file)
  return {
    where,
    async read(file) {
      return (await readOwnFile(where(file)))?.toString('utf8') ?? null
    },
    write: (file, text) => replaceFile(where(file), () => Promise.resolve(Buffer.from(text))),
  }
}
