import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { hasTool } from '../../../core/test/support/tools.ts'
import { goldenOf } from '../support/golden.ts'
import { SHIPPED, showView, VIEWS } from '../support/shipped.ts'
import { packetsOfPdml, seenByReader } from '../support/wireshark.ts'

const settings = mkdtempSync(join(tmpdir(), 'shipped-'))
afterAll(() => rmSync(settings, { recursive: true }))

// After a change that is meant: npx vitest run dissector/test/wireshark/shipped -u, and look at the difference.
describe.skipIf(!hasTool('tshark'))('Wireshark', () => {
  test.each(VIEWS)('shows of $capture what is in $golden, and the reader says the same', async view => {
    const pdml = showView(view, SHIPPED, settings)
    await expect(goldenOf(pdml)).toMatchFileSnapshot(`../golden/${view.golden}`)

    const keys = view.keys === undefined ? '' : readFileSync(join(SHIPPED, view.keys), 'utf8')
    const reader = seenByReader(readFileSync(join(SHIPPED, view.capture)), keys)
    expect(reader.size).toBeGreaterThan(15)
    expect(Object.fromEntries(packetsOfPdml(pdml))).toEqual(Object.fromEntries(reader))
  })
})
