import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ChatError, ERRORS, type ErrorCode } from '../../src/errors.ts'
import { reportError } from '../../src/terminal/report-error.ts'

const { isTTY: wasTerminal } = process.stderr
const setTerminal = (isTTY: boolean) =>
  Object.defineProperty(process.stderr, 'isTTY', { value: isTTY, configurable: true })

let written: string

beforeEach(() => {
  written = ''
  vi.spyOn(process.stderr, 'write').mockImplementation(text => {
    written += String(text)
    return true
  })
  setTerminal(false)
})
afterEach(() => {
  vi.restoreAllMocks()
  setTerminal(wasTerminal)
  vi.unstubAllEnvs()
})

test('what happened, its code, and what to do about it', () => {
  expect(reportError(new ChatError('port-in-use', 'port 10001 is in use'))).toBe(1)
  expect(written).toBe(`error: port 10001 is in use (port-in-use)\n  ${ERRORS['port-in-use'].hint}\n`)
})

test('the exit code is the one of the error', () => {
  const codes: ErrorCode[] = ['cut', 'usage', 'key-changed']
  expect(codes.map(code => reportError(new ChatError(code, 'it happened')))).toEqual([1, 2, 3])
})

test('a defect is called one', () => {
  expect(reportError(new TypeError('x is not a function'))).toBe(1)
  expect(written).toBe(
    'error: x is not a function (internal)\n  this is a defect of ours: run again with --debug and report it\n',
  )
})

test.each([
  ['an error without a message', new RangeError(), 'RangeError'],
  ['a string', 'oops', "'oops'"],
  ['nothing', undefined, 'undefined'],
  ['an object without a prototype', Object.create(null), '[Object: null prototype] {}'],
])('%s can be reported', (_, error, shown) => {
  expect(reportError(error)).toBe(1)
  expect(written).toContain(`error: ${shown} (internal)\n`)
})

test('a message cannot command the terminal nor fake a line', () => {
  reportError(new ChatError('declined', 'no\n\x1b[2Jerror: all is well'))
  expect(written.split('\n').slice(0, 1)).toEqual(['error: no␤␛[2Jerror: all is well (declined)'])
})

test('the stack with its causes comes only with debug', () => {
  const cause = new Error('the \x1b[31mcause')
  const error = new ChatError('cut', 'it was cut', { cause })
  reportError(error)
  expect(written).not.toContain('report-error.test')
  written = ''
  reportError(error, { debug: true })
  const [, , ...trace] = written.split('\n')
  expect(trace.join('\n')).toMatch(
    /ChatError: it was cut\n[^]*report-error\.test[^]*the ␛\[31mcause\n[^]*report-error\.test/,
  )
  expect(trace.slice(0, -1).every(line => line.startsWith('  '))).toBe(true)
})

test('red on a terminal', () => {
  setTerminal(true)
  vi.stubEnv('NO_COLOR', '')
  vi.stubEnv('TERM', 'xterm')
  reportError(new ChatError('cut', 'it was cut'))
  expect(written).toBe(`\x1b[31merror: it was cut (cut)\x1b[39m\n  ${ERRORS.cut.hint}\n`)
})
