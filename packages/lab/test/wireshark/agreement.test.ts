import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { hasTool } from '../../../core/test/support/tools.ts'
import { KEY_LINES, type Scene, SCENES } from '../support/scenes.ts'
import { byteByByte, captureOf, type CaptureOptions, glued, seenByReader, seenByWireshark } from '../support/wireshark.ts'

const folder = mkdtempSync(join(tmpdir(), 'wireshark-'))
afterAll(() => rmSync(folder, { recursive: true }))

const keys = join(folder, 'keys')
writeFileSync(keys, KEY_LINES)
const opened = ['-o', `p2pc.keylog:${keys}`]

function bothSee(scenes: readonly Scene[], options: CaptureOptions, keyLines: string, args: readonly string[]) {
  const capture = captureOf(scenes, options)
  const file = join(folder, 'capture.pcapng')
  writeFileSync(file, capture)
  const reader = seenByReader(capture, keyLines)
  const wireshark = seenByWireshark(folder, file, args)
  return { reader, wireshark }
}

describe.skipIf(!hasTool('tshark'))('the reader and the Wireshark dissector say the same of every packet', () => {
  test('with keys', () => {
    const { reader, wireshark } = bothSee(SCENES, {}, KEY_LINES, opened)
    expect(Object.fromEntries(wireshark)).toEqual(Object.fromEntries(reader))
  })
})
