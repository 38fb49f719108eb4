import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { playsLine } from '../../src/matrix/run-matrix.ts'

const demo = fileURLToPath(new URL('../support/stray-failure-demo.ts', import.meta.url))

test('what fails while nobody waits for it is told, and the program goes on', async () => {
  const args = ['--import', 'tsx', '--conditions', 'p2p-secure-chat-source', demo]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args)
  expect([stdout, stderr]).toEqual(['Error: given up\nError: in a handler\nit goes on\n', ''])
})

const playing = ['drop on dh', 'mitm on aes', 'replay on basic']

test.each([
  [80, '  3 of 140 plays are over; now drop on dh, mitm on aes, replay on basic'],
  [70, '  3 of 140 plays are over; now drop on dh, mitm on aes and 1 more'],
  [60, '  3 of 140 plays are over; now drop on dh and 2 more'],
  [40, '  3 of 140 plays are over'],
])('in %d cells no name is cut', (room, line) => {
  expect(playsLine(3, 140, playing, room)).toBe(line)
})

test('where nothing is played, nothing is named', () => {
  expect(playsLine(140, 140, [], 80)).toBe('  140 of 140 plays are over')
})
