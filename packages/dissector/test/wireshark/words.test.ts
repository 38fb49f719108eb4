import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { hasTool } from '../../../core/test/support/tools.ts'
import { captureReader } from '../../src/dissect/capture-reader.ts'
import type { SeenFrame } from '../../src/dissect/observation.ts'
import { secretsOf } from '../../src/dissect/secrets.ts'
import { saidByWireshark } from '../support/wireshark.ts'

const SHIPPED = fileURLToPath(new URL('../../../../captures', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'words-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A message in the words of the reader; of a batch that was opened, what is in it. */
function wordsOf({ summary, plaintext }: SeenFrame): string {
  const inner = plaintext?.frames ?? []
  return inner.length === 0 ? summary : inner.map(frame => frame.summary).join(', ')
}

function saidByReader(file: string): string[] {
  const words: string[] = []
  const reader = captureReader(secretsOf(), seen => {
    if (seen.kind === 'frame') words.push(`${seen.frame.at.packet} ${wordsOf(seen.frame)}`)
  })
  reader.push(readFileSync(file))
  reader.end()
  return words
}

test
  .skipIf(!hasTool('tshark'))
  .each(['Task1.pcap', 'Task2.pcap', 'Task3.pcap', 'Task3-with-keys.pcapng', 'Task4-with-keys.pcapng'])(
  'every message of %s has the same words in the reader and in Wireshark',
  name => {
    const file = join(SHIPPED, name)
    const reader = saidByReader(file)
    const wireshark = saidByWireshark(folder, file)
    expect(wireshark.length).toBeGreaterThan(10)
    expect(reader).toHaveLength(wireshark.length)
    wireshark.forEach((said, i) => {
      // The reader may say more behind that, and each cuts off long texts in its own place.
      const [theirs = ''] = said.split('...')
      const [ours = '', cut] = (reader[i] ?? '').split('…')
      if (cut === undefined) expect(ours.slice(0, theirs.length)).toBe(theirs)
      else expect(theirs.slice(0, ours.length)).toBe(ours)
    })
  },
)
