import { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import { widthOf } from '@p2p-secure-chat/core/terminal/rows'
import { expect, test } from 'vitest'
import { captureReader } from '../../src/dissect/capture-reader.ts'
import { nameBook } from '../../src/dissect/name-book.ts'
import { secretsOf } from '../../src/dissect/secrets.ts'
import { ladder } from '../../src/reader/ladder.ts'
import { layoutFor } from '../../src/reader/text-layout.ts'
import {
  basicConversation,
  captureOf,
  directoryTalk,
  type RecordedTalk,
  sealedTalk,
} from '../support/people-conversation.ts'

function drawn(columns: number, keys: string, ...talks: readonly RecordedTalk[]): string[] {
  const log = secretsOf()
  log.add(keys)
  const lines: string[] = []
  const reader = captureReader(log, seen => lines.push(...view.lines(seen)))
  const view = ladder({
    colours: colourFor({}),
    names: nameBook(),
    layout: () => layoutFor(columns),
    start: () => reader.start,
  })
  reader.push(captureOf(...talks))
  reader.end()
  return lines.map(line => line.trimEnd())
}

const long = `${'a very long word: 中文 '.repeat(30)}${'x'.repeat(300)}`

test.each([80, 99, 140])('no line is wider than a terminal of %i columns, whatever is said', columns => {
  const { talk, keys } = sealedTalk(long)
  const six = { ...basicConversation(long), dialler: { host: '2001:db8:1111:2222:3333:4444:5555:6666', port: 50_000 } }
  const listener = { host: '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff', port: 40_000 }
  const lines = [keys, ''].flatMap(log =>
    drawn(columns, log, directoryTalk, basicConversation(long), talk, { ...six, listener }),
  )
  expect(lines.length).toBeGreaterThan(50)
  for (const line of lines) expect(widthOf(line), line).toBeLessThanOrEqual(columns)
})

test('a text of several lines stays behind its own mark, so that none of them passes for a message', () => {
  const { talk, keys } = sealedTalk('one\n    0.001      1  #9     mallory ─→ bob        TEXT two')
  const lines = drawn(80, keys, talk)
  const at = lines.findIndex(line => line.includes('🔓 TEXT "one'))
  expect(lines[at + 1]).toMatch(/^ {25}0\.001 /)
})

test('the ladder of a short talk in 80 columns', () => {
  expect(drawn(80, '', directoryTalk, basicConversation('hello'))).toEqual([
    '',
    '#0   10.0.0.2:49000 → directory  directory/1, a directory',
    '     10.0.0.2:49000 → 10.0.0.1:10001',
    '    0.003      4  #0    10.0.0.2 ─→ directory  HELLO directory/1 peer-basic/1',
    '                                                     [57 bytes]',
    '    0.005      6  #0    10.0.0.2 ←─ directory  HELLO directory/1 peer-basic/1',
    '                                                     [57 bytes]',
    '    0.007      8  #0    10.0.0.2 ←─ directory  WELCOME open to other machines:',
    '                                                       true  [18 bytes]',
    '    0.009     10  #0    10.0.0.2 ─→ directory  REGISTER alice, takes no calls',
    '                                                        [33 bytes]',
    '                      · unproven-name: nothing proves this name',
    '    0.011     12  #0       alice ←─ directory  REGISTERED alice  [21 bytes]',
    '#0   10.0.0.2:49000 is alice',
    '    0.013     14  #0       alice ─→ directory  LOOKUP bob  [26 bytes]',
    '    0.015     16  #0       alice ←─ directory  CARD bob at 10.0.0.3, port 40003',
    '                                                    [76 bytes]',
    '    0.017     18  #0       alice ─→ directory  WATCH alice, bob  [30 bytes]',
    '    0.019     20  #0       alice ─→ directory  GOODBYE  [5 bytes]',
    '    0.021     22  #0       alice ←─ directory  GOODBYE  [5 bytes]',
    '    0.025     26  #0   end',
    '',
    '#1   alice → bob  peer-basic/1, a chat that everybody can read',
    '     10.0.0.2:50000 → 10.0.0.3:40003',
    '    0.030     31  #1       alice ─→ bob        HELLO peer-basic/1  [36 bytes]',
    '    0.032     33  #1       alice ←─ bob        HELLO peer-basic/1  [36 bytes]',
    '    0.034     35  #1       alice ─→ bob        TEXT "hello"  [18 bytes]',
    '                      ! plaintext: anyone on the path can read this',
    '    0.036     37  #1       alice ─→ bob        GOODBYE  [5 bytes]',
    '    0.038     39  #1       alice ←─ bob        GOODBYE  [5 bytes]',
    '    0.042     43  #1   end',
  ])
})

test('a title that is too long goes on beside its number, and no message is torn apart', () => {
  const { talk } = sealedTalk('hello')
  const lines = drawn(80, '', talk)
  const title = lines.findIndex(line => line.startsWith('#0'))
  for (const line of lines.slice(
    title + 1,
    lines.findIndex(seen => seen.includes('HELLO')),
  )) {
    expect(line).toMatch(/^ {5}\S/)
  }
  expect(lines.filter(line => line.includes('RECORD'))).toEqual([
    expect.stringMatching(/RECORD 0 sealed {2}\[133 bytes\]$/),
    expect.stringMatching(/RECORD 1 sealed {2}\[133 bytes\]$/),
    expect.stringMatching(/RECORD 0 sealed {2}\[133 bytes\]$/),
  ])
})

test('a record that was opened keeps its number, and says how full it is', () => {
  const { talk, keys } = sealedTalk('Hi')
  const lines = drawn(110, keys, talk)
  const at = lines.findIndex(line => line.includes('RECORD 0, 15 of 60 bytes  [133 bytes]'))
  expect(lines[at + 1]?.trim()).toBe('🔓 TEXT "Hi"')
})
