import { CALL, NAME, RECEIPT, TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { HELLO, RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import { encodeFrame, type Message } from '@p2p-secure-chat/core/wire/frame'
import { expect, test } from 'vitest'
import { eavesdrop, findings } from '../../src/tour/eavesdropper.ts'
import type { TourPlay } from '../../src/tour/play.ts'

/** What the dialler says after the hellos of both sides, as a path passes it on. */
function afterHellos(protocol: 'peer-basic/1' | 'peer-dh/1', ...messages: readonly Message[]) {
  const hello = encodeFrame(HELLO.message({ protocol }))
  const said = messages.map(message => ({ from: 'dialler' as const, bytes: encodeFrame(message) }))
  const hellos = [
    { from: 'dialler' as const, bytes: hello },
    { from: 'listener' as const, bytes: hello },
  ]
  return [...hellos, ...said].map(piece => ({ ...piece, connection: 0 }))
}

const id = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 7)

test('what is legible is shown with its type and size, however the stream is cut', () => {
  const passed = afterHellos(
    'peer-basic/1',
    NAME.message({ name: 'alice' }),
    TEXT.message({ id: 7n, text: 'hello bob 🍵' }),
    { type: RECEIPT.type, body: id },
  )
  const pieces = passed.flatMap(piece => [...piece.bytes].map(byte => ({ ...piece, bytes: Uint8Array.of(byte) })))
  const seen = eavesdrop(pieces)
  expect(seen[0]?.line).toBe('HELLO 31 B: peer-basic/1')
  expect(seen.filter(({ line }) => !line.startsWith('HELLO'))).toEqual([
    { from: 'dialler', line: expect.stringMatching(/^NAME 16 B: .*alice/) },
    { from: 'dialler', line: expect.stringMatching(/^TEXT 22 B: .*"hello bob 🍵"/) },
    { from: 'dialler', line: expect.stringMatching(/^RECEIPT 8 B: .*7/) },
  ])
})

test('a sealed message shows what its size gives away', () => {
  const body = Uint8Array.of(0xff, 1, 2, 3, 4, 5, 6, 7)
  expect(eavesdrop(afterHellos('peer-dh/1', { type: RECORD.type, body })).at(-1)).toEqual({
    from: 'dialler',
    line: 'RECORD 8 B: exactly 8 bytes',
  })
})

test('what a peer sends cannot play tricks on the terminal', () => {
  const body = Buffer.from('{"conversation":"\u202Eevil"}')
  const lines = eavesdrop(afterHellos('peer-basic/1', { type: CALL.type, body })).map(({ line }) => line)
  expect(lines.at(-1)).toMatch(/^CALL /)
  expect(lines.join('')).not.toContain('\u202E')
})

const play = (crossed: string): TourPlay => ({
  screens: [
    { who: 'alice', lines: [] },
    { who: 'bob', lines: [] },
  ],
  passed: [{ connection: 0, from: 'dialler', bytes: Buffer.from(crossed) }],
  texts: ['meet me at nine'],
  failures: [],
})

test('a text in the open is a fault on a rung that hides, and as it should be on one that does not', () => {
  expect(findings(play('...meet me at nine...'), false)).toEqual(['"meet me at nine" is legible on the path'])
  expect(findings(play('...meet me at nine...'), true)).toEqual([])
})

test('a hidden text is a fault on a rung that shows all, and as it should be on one that hides', () => {
  expect(findings(play('\x8f\x03'), true)).toEqual(['"meet me at nine" is not legible on the path'])
  expect(findings(play('\x8f\x03'), false)).toEqual([])
})

test('what the actors missed is a fault everywhere', () => {
  expect(findings({ ...play(''), failures: ['no answer'] }, false)).toEqual(['no answer'])
})
