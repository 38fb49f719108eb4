import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { binaryMessageType } from '@p2p-secure-chat/core/wire/binary-message-type'
import { u32, utf8 } from '@p2p-secure-chat/core/wire/body-part'
import { HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { encodeFrame, frameDecoder } from '@p2p-secure-chat/core/wire/frame'
import { oneOf, whole } from '@p2p-secure-chat/core/wire/json-field'
import { jsonMessageType } from '@p2p-secure-chat/core/wire/json-message-type'
import { limitsOf } from '@p2p-secure-chat/core/wire/message-type'
import { afterAll, describe, expect, test } from 'vitest'
import { hasTool } from '../../../core/test/support/tools.ts'
import { withoutSettings } from '../../../core/test/support/tshark.ts'
import { answers } from '../../src/dissect/answers.ts'
import { fieldsIn } from '../../src/message/field.ts'
import { allTypes, PROTOCOLS, typesIn } from '../../src/message/protocols.ts'
import { readMessage } from '../../src/message/read-message.ts'
import { tableFiles, withTables } from '../support/wire-tables.ts'
import { captureOf } from '../support/wireshark.ts'

test.each(tableFiles().map(file => [basename(file.path), file] as const))(
  'the tables of %s are those of the descriptions (npm run wire-tables writes them)',
  (_, file) => {
    expect(withTables(file)).toBe(readFileSync(file.path, 'utf8'))
  },
)

describe('two messages that are described, and nothing else', () => {
  const MOOD = jsonMessageType({
    type: 0x5e,
    name: 'MOOD',
    from: 'both peers',
    phase: 'conversation',
    limit: 64,
    answers: [TEXT],
    fields: { id: whole({ least: 1, most: 9 }), mood: oneOf(['merry', 'sad'], { show: 'mood.word', title: 'Mood' }) },
    summary: 'about {id}: [{mood.word}|none]',
    draws: [{ finding: 'plaintext' }],
    example: { id: 1, mood: 'merry' },
  })
  const WAVE = binaryMessageType({
    type: 0x5f,
    name: 'WAVE',
    from: 'both peers',
    phase: 'conversation',
    parts: [u32('times', { show: 'wave.times', title: 'Times' }), utf8('hand', { most: 5 })],
    summary: '{wave.times} times, {#hand} bytes of hand',
    example: { times: 3, hand: 'left' },
  })
  const protocols = PROTOCOLS.map(protocol =>
    protocol.name === 'peer-basic/1' ? { ...protocol, wire: [...protocol.wire, MOOD, WAVE] } : protocol,
  )
  const frames = [
    HELLO.message({ protocol: 'peer-basic/1' }),
    TEXT.message({ id: 1n, text: 'tea?' }),
    MOOD.message(MOOD.example),
    WAVE.message(WAVE.example),
  ].map(encodeFrame)
  const [, , mood = new Uint8Array(), wave = new Uint8Array()] = frames

  test('the decoder lets them through, up to their limits', () => {
    const wireOf = (all: typeof protocols) => all.find(({ name }) => name === 'peer-basic/1')?.wire ?? []
    const push = (all: typeof protocols, frame: Uint8Array) => {
      const types: number[] = []
      frameDecoder(limitsOf(wireOf(all))).push(frame, ({ type }) => types.push(type))
      return types
    }
    expect(push(protocols, Buffer.concat([mood, wave]))).toEqual([0x5e, 0x5f])
    expect(() => push([...PROTOCOLS], mood)).toThrow(expect.objectContaining({ code: 'unknown-type' }))
    const large = encodeFrame({ type: MOOD.type, body: new Uint8Array(65) })
    expect(() => push(protocols, large)).toThrow(expect.objectContaining({ code: 'too-large' }))
    const long = encodeFrame({ type: WAVE.type, body: new Uint8Array(4 + 5 + 1) })
    expect(() => push(protocols, long)).toThrow(expect.objectContaining({ code: 'too-large' }))
  })

  test('they are parsed', () => {
    const [bad, json] = [
      expect.objectContaining({ code: 'bad-message' }),
      (value: object) => Buffer.from(JSON.stringify(value)),
    ]
    expect(MOOD.read(json({ id: 9, mood: 'sad' }))).toEqual({ id: 9, mood: 'sad' })
    expect(() => MOOD.read(json({ id: 10, mood: 'sad' }))).toThrow(bad)
    expect(() => MOOD.read(json({ id: 9, mood: 'odd' }))).toThrow(bad)
    expect(WAVE.read(WAVE.message({ times: 2, hand: 'right' }).body)).toEqual({ times: 2, hand: 'right' })
    expect(() => WAVE.read(new Uint8Array(3))).toThrow(bad)
  })

  test('the reader of captures knows their fields, what is said of them and what they answer', () => {
    const types = typesIn(protocols)
    const read = (frame: Uint8Array) => readMessage(frame, 'peer-basic/1', 'on the wire', types)
    expect(read(mood)).toMatchObject({
      name: 'MOOD',
      sound: true,
      line: 'about 1: merry',
      findings: [{ code: 'plaintext' }],
    })
    expect(read(wave)).toMatchObject({ name: 'WAVE', sound: true, line: '3 times, 4 bytes of hand', findings: [] })
    expect(fieldsIn(protocols)).toMatchObject({ 'mood.word': { title: 'Mood' }, hand: { kind: 'text' } })
    const open = answers(allTypes(protocols))
    expect(open.packetAnswered('dialler', TEXT.type, '1', 7)).toBeNull()
    expect(open.packetAnswered('listener', MOOD.type, '1', 8)).toBe(7)
  })

  test('the document has their rows', () => {
    const document =
      tableFiles(protocols)
        .map(withTables)
        .find(text => text.startsWith('#')) ?? ''
    expect(document).toContain('| 0x5e | MOOD | JSON | 64 | conversation | both peers |')
    expect(document).toContain('| 0x5f | WAVE | u32 times + UTF-8 hand | 9 | conversation | both peers |')
    expect(document).toContain('| MOOD | `id`: 1 to 9; `mood`: `merry` or `sad` |')
    expect(document).toMatch(/^MOOD +\{"id":1,"mood":"merry"\}$/m)
    expect(document).toMatch(/^WAVE +00000003 6c656674$/m)
  })

  const folder = mkdtempSync(join(tmpdir(), 'new-message-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  test.skipIf(!hasTool('tshark'))('Wireshark shows them', () => {
    const [plugin, capture] = [join(folder, 'plugin.lua'), join(folder, 'capture.pcapng')]
    writeFileSync(
      plugin,
      tableFiles(protocols)
        .map(withTables)
        .find(text => text.startsWith('--')) ?? '',
    )
    const said = frames.map((bytes, i) => ({ from: i % 2 === 0 ? ('listener' as const) : ('dialler' as const), bytes }))
    writeFileSync(capture, captureOf([{ title: 'new', port: 40_000, said }]))
    const args = ['-X', `lua_script:${plugin}`, '-r', capture, '-Y', 'p2pc.type >= 0x5e', '-O', 'p2pc']
    const stdout = execFileSync('tshark', args, {
      encoding: 'utf8',
      env: withoutSettings(),
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const [, ofMood = '', ofWave = ''] = stdout.split('P2P Secure Chat, ')
    expect(ofMood).toMatch(/^MOOD about 1: merry$/m)
    expect(ofMood).toMatch(/^ +Mood: merry$/m)
    expect(ofMood).toMatch(/Answer to packet: \d/)
    expect(ofMood).toContain('anyone on the path can read this')
    expect(ofWave).toMatch(/^WAVE 3 times, 4 bytes of hand$/m)
    expect(ofWave).toMatch(/^ +Times: 3$/m)
    expect(ofWave).not.toContain('can read this')
  })
})
