import { expect, test } from 'vitest'
import { colourFor } from '../../src/terminal/colour.ts'

const TERMINAL = { isTTY: true }
const ENV = { TERM: 'xterm-256color' }

test.each([
  ['a terminal', TERMINAL, ENV, [], true],
  ['a terminal, with an empty NO_COLOR', TERMINAL, { ...ENV, NO_COLOR: '' }, [], true],
  ['a terminal, with NO_COLOR', TERMINAL, { ...ENV, NO_COLOR: '1' }, [], false],
  ['a terminal, with --no-color', TERMINAL, ENV, ['node', 'bin', '--no-color'], false],
  ['a terminal that knows none', TERMINAL, { TERM: 'dumb' }, [], false],
  ['a pipe', {}, ENV, [], false],
  ['a file, though colour is asked for', { isTTY: false }, { ...ENV, FORCE_COLOR: '1' }, [], false],
])('%s', (_, stream, env, args, coloured) => {
  expect(colourFor(stream, env, args).red('x')).toBe(coloured ? '\x1b[31mx\x1b[39m' : 'x')
})
