import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { hasTool } from '../../../core/test/support/tools.ts'
import { FIELDS } from '../../src/message/field.ts'
import { FINDINGS } from '../../src/message/finding.ts'
import { KEY_LINES, type Scene, SCENES } from '../support/scenes.ts'
import {
  byteByByte,
  captureOf,
  type CaptureOptions,
  glued,
  seenByReader,
  seenByWireshark,
  type SeenPacket,
} from '../support/wireshark.ts'

const folder = mkdtempSync(join(tmpdir(), 'wireshark-'))
afterAll(() => rmSync(folder, { recursive: true }))

const keys = join(folder, 'keys')
writeFileSync(keys, KEY_LINES)

/** What is said of a connection as a whole, which Wireshark's dissector does not do. */
const OF_CONNECTIONS: readonly string[] = ['cut', 'mid-conversation', 'gap', 'not-understood']

function bothSee(scenes: readonly Scene[], options: CaptureOptions, keyLines: string, args: readonly string[] = []) {
  const capture = captureOf(scenes, options)
  const file = join(folder, 'capture.pcapng')
  writeFileSync(file, capture)
  const reader = seenByReader(capture, keyLines)
  const wireshark = seenByWireshark(folder, file, args)
  expect(Object.fromEntries(wireshark)).toEqual(Object.fromEntries(reader))
  return reader
}

const namesIn = (packets: ReadonlyMap<number, SeenPacket>, list: keyof SeenPacket) =>
  new Set([...packets.values()].flatMap(packet => packet[list].map(item => item.replace(/=.*/s, ''))))

/** A generator of numbers below `limit` that gives the same ones each time (Park and Miller, 1988). */
function dice(seed: number): (limit: number) => number {
  let state = seed
  return limit => {
    state = (state * 48_271) % 2_147_483_647
    return state % limit
  }
}

/**
 * A scene in which bytes are other ones, are missing or stand there twice. What each side says first stays: Wireshark
 * cannot go back to bytes that came before a connection is recognised.
 */
function mutilated(scene: Scene, roll: (limit: number) => number): Scene {
  const said = scene.said.flatMap(({ from, bytes }, i) => {
    if (i < 2) return [{ from, bytes }]
    const copy = Uint8Array.from(bytes)
    const place = roll(copy.length)
    switch (roll(8)) {
      case 0:
        copy[place] = roll(256)
        return [{ from, bytes: copy }]
      case 1:
        return [{ from, bytes: Buffer.concat([copy.subarray(0, place), copy.subarray(place + 1 + roll(3))]) }]
      case 2:
        return [
          { from, bytes },
          { from, bytes },
        ]
      default:
        return [{ from, bytes }]
    }
  })
  return { ...scene, said: said.filter(({ bytes }) => bytes.length > 0) }
}

describe.skipIf(!hasTool('tshark'))('the reader and the Wireshark dissector say the same of every packet', () => {
  test('with keys; and together the scenes show every field and every finding', () => {
    const seen = bothSee(SCENES, {}, KEY_LINES, ['-o', `p2pc.keylog:${keys}`])
    const fields = Object.keys(FIELDS).filter(name => name !== 'response_in')
    expect([...namesIn(seen, 'fields')].sort()).toEqual(fields.sort())
    const findings = Object.keys(FINDINGS).filter(code => !OF_CONNECTIONS.includes(code))
    expect([...namesIn(seen, 'findings')].sort()).toEqual(findings.sort())
  })

  test('without keys', () => {
    const seen = bothSee(SCENES, {}, '')
    expect(namesIn(seen, 'fields')).not.toContain('record.tag_status')
    expect(namesIn(seen, 'findings')).toContain('replayed')
  })

  test('with keys in the comment of a packet that is none of ours', () => {
    const seen = bothSee(SCENES, { comments: { 3: KEY_LINES } }, '')
    expect(namesIn(seen, 'fields')).toContain('record.tag_status')
  })

  test('whichever way the bytes are cut into segments', () => {
    const framed = SCENES.filter(({ title }) => /^(?:calculator|basic|bad frame 7|length|far|key updates)/.test(title))
    bothSee(framed, { cut: byteByByte }, KEY_LINES, ['-o', `p2pc.keylog:${keys}`])
    bothSee(SCENES.map(glued), {}, KEY_LINES, ['-o', `p2pc.keylog:${keys}`])
  })

  test('when anything is changed, missing or repeated', () => {
    const roll = dice(11)
    const scenes = Array.from({ length: 4 }, () => SCENES.map(scene => mutilated(scene, roll))).flat()
    // As the profile has it: a directory that was not understood does not say which ports are not another protocol's.
    const args = ['-o', 'tcp.try_heuristic_first:TRUE', '-o', `p2pc.keylog:${keys}`]
    bothSee(scenes, {}, KEY_LINES, args)
  })
})
