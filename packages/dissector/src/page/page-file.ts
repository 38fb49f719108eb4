import { writeFileSync } from 'node:fs'
import { fileError } from '@p2p-secure-chat/core/files/file-error'
import { openNewFile } from '@p2p-secure-chat/core/files/new-file'
import { type Secrets, secretsOf } from '../dissect/secrets.ts'
import type { Observation } from '../dissect/observation.ts'
import { captureReader } from '../reader/capture-reader.ts'
import { capturePage } from './capture-page.ts'
import { htmlOf } from './html.ts'

/** Stays empty, whatever the comments of packets hold. */
const NO_KEYS: Secrets = { ...secretsOf(), add() {} }

/**
 * The page of a capture as a file. The eavesdropper's view of it comes from a reader of its own that never has a key;
 * so each part of the capture goes to the page first, and then to the reader with the keys.
 */
export interface PageFile {
  /** @throws {ChatError} `bad-capture` */
  push(chunk: Uint8Array): void
  /** What the reader with the keys sees. */
  see(seen: Observation): void
  /** The capture is over, or nobody wants the rest of it. @throws {ChatError} `bad-capture` when it is none */
  end(how: 'end' | 'stop'): void
  /** Writes the page and closes the file. @throws {ChatError} `unwritable`, `disk-full` */
  write(): void
  /** Removes the file if it was not written. */
  close(): Promise<void>
}

/**
 * Makes the file at once, so that nothing is read in vain; it is for its owner alone, since it may hold what keys opened.
 *
 * @param name what the page calls the capture
 * @throws {ChatError} `unwritable`, also where there is something under that name; `disk-full`
 */
export async function openPageFile(path: string, name: string): Promise<PageFile> {
  const file = await openNewFile(path)
  let written = false
  const eavesdropper = captureReader(NO_KEYS, seen => page.add('eavesdropper', seen))
  const page = capturePage(name, () => eavesdropper.start)

  return {
    push: chunk => eavesdropper.push(chunk),
    see: seen => page.add('keyHolder', seen),
    end: how => eavesdropper[how](),
    write() {
      try {
        writeFileSync(file.fd, htmlOf(page.data(eavesdropper.packets)))
        written = true
      } catch (cause) {
        throw fileError('unwritable', path, cause)
      }
    },
    close: () => (written ? file.close() : file.discard()),
  }
}
