import { readFileSync } from 'node:fs'
import type { LogEntry } from '../../src/log/log-entry.ts'
import { openLogWriter } from '../../src/log/log-writer.ts'
import { type KeySource, readLog } from '../../src/log/read-log.ts'
import { alice, bob } from './people.ts'

const MAGIC_BYTES = 8

/** A text of bob's. */
export const saying = (text: string): LogEntry => ({
  event: 'message',
  at: '2026-01-31T12:00:00.000Z',
  peer: 'bob',
  fingerprint: bob.fingerprint,
  direction: 'in',
  id: '1',
  text,
})

/** Keeps texts in one run from its beginning to its end. */
export async function keep(path: string, texts: readonly string[], keys: KeySource = alice): Promise<void> {
  const fail = (error: Error) => {
    throw error
  }
  const writer = await openLogWriter({ path, keys, onFailure: fail })
  for (const text of texts) writer.append(saying(text))
  await writer.close()
}

/** What a reader has of a log. */
export interface Read {
  readonly texts: readonly string[]
  /** The code of what is wrong with it. */
  readonly damage: string | null
  readonly unfinished: number
  /** What a person is told of the damage. */
  readonly words: string
}

export async function read(path: string, keys: KeySource = alice): Promise<Read> {
  const texts: string[] = []
  const { damage, unfinished } = await readLog(path, keys, entries => {
    for (const entry of entries) if (entry.event === 'message') texts.push(entry.text)
  })
  return { texts, damage: damage?.code ?? null, unfinished, words: damage?.message ?? '' }
}

/** Where each item of a log begins, and where the last one ends. */
export function bounds(path: string): number[] {
  const file = readFileSync(path)
  const found = [MAGIC_BYTES]
  for (let at = MAGIC_BYTES; at < file.length; found.push(at)) at += 4 + file.readUInt32BE(at)
  return found
}

/** The items of a log as bytes, behind its magic. */
export function itemsOf(path: string): Buffer[] {
  const file = readFileSync(path)
  const at = bounds(path)
  return at.slice(1).map((end, i) => file.subarray(at[i], end))
}
