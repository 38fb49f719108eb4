import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PersonalFiles } from '@p2p-secure-chat/basic-p2p/client/personal-files'
import { fileError, systemCode } from '@p2p-secure-chat/basic-p2p/files/file-error'
import { replaceFile } from './replace-file.ts'

/** The files of NAME in HOME/NAME, beside the identity, which must exist. */
export function ownFiles(home: string, name: string): PersonalFiles {
  const where = (file: string) => join(home, name, file)
  return {
    where,
    async read(file) {
      try {
        return await readFile(where(file), 'utf8')
      } catch (error) {
        if (systemCode(error) === 'ENOENT') return null
        throw fileError('unreadable', where(file), error)
      }
    },
    write: (file, text) => replaceFile(where(file), () => Promise.resolve(Buffer.from(text))),
  }
}
