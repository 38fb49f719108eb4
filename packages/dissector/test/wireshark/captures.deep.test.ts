import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hasTool } from '../../../core/test/support/tools.ts'
import { captureFaults } from '../support/captures.ts'
import { SHIPPED } from '../support/shipped.ts'
import { checkWalkthrough } from '../support/walkthrough.ts'

const readme = readFileSync(join(SHIPPED, 'README.md'), 'utf8')

const TSHARK = hasTool('tshark')

// It runs tshark many times.
test('the shipped captures are whole, clean and short', () => {
  expect(captureFaults(SHIPPED)).toEqual([])
})

test.skipIf(!TSHARK)('every packet number, filter and message of the walk through them is right', async () => {
  const { text, faults } = await checkWalkthrough(readme, SHIPPED)
  expect(faults).toEqual([])
  expect(text).toBe(readme)
  // Were no table found, all of them would be right.
  expect(readme.match(/^\| (?:\d|none)/gm)?.length).toBeGreaterThan(40)
})

test.skipIf(!TSHARK)('claims that do not hold are found', async () => {
  const rows = [
    '<!-- capture: Task1.pcap -->',
    '| 1 | `p2pc.expression == "2 + 3 * 4"` | `EVALUATE 2 + 3 * 4` |',
    '|  | `p2pc.expression == "2 + 3 * 5"` | nothing |',
    '| none | `p2pc.expression == "7 / 2"` | nothing |',
    '| 2 | `p2pc.result == "20"` | `RESULT 21` |',
  ]
  const { text, faults } = await checkWalkthrough(rows.join('\n'), SHIPPED)
  expect(faults).toEqual([
    'Task1.pcap: 0 packets for p2pc.expression == "2 + 3 * 5"',
    'Task1.pcap: 1 packets for p2pc.expression == "7 / 2"',
    'Task1.pcap: RESULT 21 is not to be seen with p2pc.result == "20"',
  ])
  expect(text).not.toContain('| 1 |')
})
