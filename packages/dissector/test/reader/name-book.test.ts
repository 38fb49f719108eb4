import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import { expect, test } from 'vitest'
import { captureReader } from '../../src/dissect/capture-reader.ts'
import { nameBook } from '../../src/dissect/name-book.ts'
import { secretsOf } from '../../src/dissect/secrets.ts'
import { ladder } from '../../src/reader/ladder.ts'
import { layoutFor } from '../../src/reader/text-layout.ts'
import { captureOf, sealedTalk } from '../support/people-conversation.ts'

function drawn(capture: Uint8Array): string[] {
  const lines: string[] = []
  const reader = captureReader(secretsOf(), seen => lines.push(...view.lines(seen)))
  const options = { colours: colourFor({}), names: nameBook(), layout: () => layoutFor(110) }
  const view = ladder({ ...options, start: () => reader.start })
  reader.push(capture)
  reader.end()
  return lines
}

const shipped = (name: string) => readFileSync(fileURLToPath(new URL(`../../../../captures/${name}`, import.meta.url)))

test('who asks a directory for a name has none before the answer, and none after a refusal', () => {
  const lines = drawn(shipped('Task3.pcap'))
  // Mallory dials from the host of bob, who has his name by then, and wants that of alice.
  expect(lines.find(line => line.startsWith('#2'))).toMatch(/^#2 +10\.0\.0\.3:\d+ → directory/)
  expect(lines.filter(line => / #2 /.test(line) && line.includes('REGISTER'))).toEqual([
    expect.stringMatching(/10\.0\.0\.3 ─→ directory +REGISTER alice/),
  ])
  expect(lines.find(line => line.startsWith('#3'))).toMatch(/^#3 +alice → bob/)
})

test('where a host says nothing of who calls, the title says what would', () => {
  const { talk } = sealedTalk('hello')
  const lines = drawn(captureOf(talk)).join(' ').replace(/\s+/g, ' ')
  expect(lines).toContain('the name of the caller is in a sealed IDENTITY')
  expect(drawn(shipped('Task3.pcap')).join('\n')).not.toContain('who calls')
})
