import type { Disclosure, KeyLog } from '@p2p-secure-chat/core/files/disclosure'
import type { TapSocket } from '@p2p-secure-chat/core/net/socket-channel'
import type { Rung } from './rung.ts'

/** The files that a person asked for, by the flags that name them. */
export interface WantedFiles {
  readonly keylog: string | undefined
  readonly record: string | undefined
}

/** What a client writes down of its connections. */
export interface Disclosures {
  readonly keyLog: KeyLog | null
  readonly tap: TapSocket | undefined
  readonly all: readonly Disclosure[]
  close(): Promise<void>
}

/**
 * Begins all files, or none.
 *
 * @throws {ChatError} `unwritable`, `disk-full`
 */
export async function openDisclosures(rung: Rung, { keylog, record }: WantedFiles): Promise<Disclosures> {
  const keyLog = keylog === undefined || rung.openKeyLog === null ? null : await rung.openKeyLog(keylog)
  try {
    const recording = record === undefined ? null : await startRecording(record, rung)
    const all = [keyLog, recording].filter(disclosure => disclosure !== null)
    return {
      keyLog,
      tap: recording?.tap,
      all,
      close: async () => void (await Promise.all(all.map(disclosure => disclosure.close()))),
    }
  } catch (error) {
    await keyLog?.close()
    throw error
  }
}

async function startRecording(path: string, rung: Rung) {
  const { openRecording } = await import('@p2p-secure-chat/core/net/recording')
  return openRecording(path, `${rung.bin}-client`)
}
