import { expect, test } from 'vitest'
import { colourFor } from '../../src/terminal/colour.ts'
import { choosePlain, isPlain } from '../../src/terminal/is-plain.ts'

const ENV = { TERM: 'xterm-256color' }
const FLAG = ['node', 'bin', '--plain']

test('the flag counts until the settings are known, they from then on, and a terminal that knows none always', () => {
  expect([isPlain(ENV, []), isPlain(ENV, FLAG), isPlain({ TERM: 'dumb' }, [])]).toEqual([false, true, true])
  choosePlain(true)
  expect([isPlain(ENV, []), isPlain(ENV, FLAG)]).toEqual([true, true])
  choosePlain(false)
  expect([isPlain(ENV, FLAG), isPlain({ TERM: 'dumb' }, FLAG)]).toEqual([false, true])
  expect(colourFor({ isTTY: true }, ENV, FLAG).red('x')).toBe('\x1b[31mx\x1b[39m')
})
