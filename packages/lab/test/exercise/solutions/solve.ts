import { createDecipheriv, createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runBin } from '../../../../core/test/support/process.ts'

/** Solves an exercise with what a student has: its folder, the commands of the lab, and what they have learnt. */
export type Solve = (folder: string) => Promise<Readonly<Record<string, string>>>

/** A message as `chat-lab read --json` tells it. */
export interface Told {
  readonly event: string
  readonly packet: number
  readonly conversation: number
  readonly side: 'dialler' | 'listener'
  readonly from: { readonly name: string | null }
  readonly to: { readonly name: string | null }
  readonly name: string
  readonly fields: Readonly<Record<string, string>>
  readonly inner: readonly { readonly name: string; readonly fields: Readonly<Record<string, string>> }[]
  readonly findings: readonly { readonly code: string }[]
}

/** The messages of a capture. */
export async function messagesOf(folder: string, capture = 'capture.pcapng', keys?: string): Promise<Told[]> {
  const flags = keys === undefined ? [] : ['--keys', keys]
  const { stdout } = await runBin('chat-lab', ['read', capture, '--json', ...flags], { cwd: folder })
  const events = stdout.split('\n').filter(line => line !== '')
  return events.map((line): Told => JSON.parse(line)).filter(({ event }) => event === 'message')
}

/** Something of the task sheet. */
export async function taskSays(folder: string, pattern: RegExp): Promise<string[]> {
  const found = pattern.exec(await readFile(join(folder, 'TASK.md'), 'utf8'))
  if (found === null) throw new Error(`the task does not say ${pattern.source}`)
  return found.slice(1)
}

/** A segment of the textbook, as the reader tells it: its IV and its ciphertext in hex. */
export const segmentOf = ({ fields }: Told): Buffer =>
  Buffer.from(`${fields['legacy.iv']}${fields['legacy.ciphertext']}`, 'hex')

/** Decrypts a segment of the textbook. */
export function readSegment(secret: bigint, segment: Buffer): string {
  const key = createHash('sha256').update(String(secret)).digest()
  const decipher = createDecipheriv('aes-256-cbc', key, segment.subarray(0, 16))
  return decipher.update(segment.subarray(16)).toString() + decipher.final('utf8')
}
