import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { rethrowUnless } from '@p2p-secure-chat/core/errors'
import { jsonLine } from '@p2p-secure-chat/core/terminal/json-line'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { captureReader } from '../../src/dissect/capture-reader.ts'
import { nameBook } from '../../src/dissect/name-book.ts'
import { secretsOf } from '../../src/dissect/secrets.ts'
import { jsonEvents, summaryEvent } from '../../src/reader/json-events.ts'
import { tally } from '../../src/reader/tally.ts'
import { SHIPPED } from '../support/shipped.ts'

const shipped = (name: RegExp) =>
  readdirSync(SHIPPED)
    .filter(file => name.test(file))
    .map(file => readFileSync(join(SHIPPED, file)))

const captures = shipped(/\.pcap(?:ng)?$/)
const keyLines = shipped(/\.keys$/).join('')

/** Every line of `chat-lab read --json`, and at last the code of the error that it ends with, if it does. */
function linesOf(capture: Uint8Array): string[] {
  const lines: string[] = []
  const keys = secretsOf()
  keys.add(keyLines)
  const counted = tally()
  const events = jsonEvents(nameBook())
  const reader = captureReader(keys, seen => {
    counted.add(seen)
    lines.push(jsonLine(events.of(seen)))
  })
  try {
    reader.push(capture)
    reader.end()
    lines.push(jsonLine(summaryEvent({ ...reader, tally: counted, keys, keyFile: null, page: null })))
  } catch (error) {
    rethrowUnless(error)
    lines.push(error.code)
  }
  return lines
}

/** What may happen to a part of a file. */
const accident = fc.tuple(
  fc.constantFrom('changed', 'missing', 'twice', 'nothing behind it'),
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.uint8Array({ minLength: 1, maxLength: 30 }),
)

test('a shipped capture may be damaged in every way: what is left of it is told, and nothing else happens', () => {
  let told = 0
  const property = fc.property(
    fc.constantFrom(...captures),
    fc.array(accident, { maxLength: 8 }),
    (whole, accidents) => {
      let file: Buffer = whole
      for (const [what, share, bytes] of accidents) {
        const at = Math.floor(share * file.length)
        const [before, part, after] = [
          file.subarray(0, at),
          file.subarray(at, at + bytes.length),
          file.subarray(at + bytes.length),
        ]
        if (what === 'changed') file = Buffer.concat([before, bytes, after])
        if (what === 'missing') file = Buffer.concat([before, after])
        if (what === 'twice') file = Buffer.concat([before, part, part, after])
        if (what === 'nothing behind it') file = before
      }
      const lines = linesOf(file)
      told += lines.length
      for (const line of lines.slice(0, -1)) expect(JSON.parse(line)).toMatchObject({ v: 1 })
      expect(lines.at(-1)).toMatch(/^(?:bad-capture|\{.*"event":"summary".*\}\n)$/)
    },
  )
  fc.assert(property, { numRuns: 200 })
  expect(told).toBeGreaterThan(1_000)
})
