import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MAX_LINE_BYTES } from '../../src/input/lines.ts'
import { openScreen, type Screen } from '../support/screen/screen.ts'

const DEMO = fileURLToPath(new URL('support/line-editor-demo.ts', import.meta.url))
const LEFT = '\x1b[D'
const UP = '\x1b[A'
const RIGHT = '\x1b[C'
const DELETE = '\x1b[3~'
const HOME = '\x1b[H'
const CTRL_C = '\x03'
const CTRL_D = '\x04'
const pasted = (text: string) => `\x1b[200~${text}\x1b[201~`

const server = createServer()
let screen: Screen
let orders: Socket
/** What the program answered on that connection. */
let said: string

interface Start {
  readonly cols?: number
  readonly rows?: number
  readonly reflow?: boolean
  /** The shell's script around the program. */
  readonly script?: (program: string) => string
}

async function start({ cols = 40, rows = 12, reflow = false, script = program => program }: Start = {}): Promise<void> {
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : address
  const connected = new Promise<Socket>(resolve => server.once('connection', resolve))
  const program = `"${process.execPath}" --import tsx "${DEMO}"`
  screen = openScreen({
    command: 'sh',
    args: ['-c', script(program)],
    cols,
    rows,
    reflow,
    env: { DEMO_PORT: String(port) },
  })
  orders = await connected
  said = ''
  orders.setEncoding('utf8').on('data', text => (said += text))
  await screen.until('me>')
}

const order = (what: object) => orders.write(`${JSON.stringify(what)}\n`)
const print = (text: string) => order({ print: text })
const cursorAt = (row: number, column: number) =>
  screen.until(() => screen.cursor().row === row && screen.cursor().column === column)

/** The rows that a line takes on a screen. */
const wrapped = (line: string, cols: number) =>
  Array.from({ length: Math.ceil(line.length / cols) }, (_, row) => line.slice(row * cols, (row + 1) * cols).trimEnd())

beforeEach(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
})
afterEach(async () => {
  screen.kill()
  orders.destroy()
  await screen.exit
  server.close()
})

test('a line is typed, entered, and the next one prompted for', async () => {
  await start()
  screen.type('hello\r')
  await screen.until(['me> hello', 'entered "hello"', 'me>'])
  await cursorAt(2, 4)
})

describe('text that arrives', () => {
  test('appears above a wrapped line, whose cursor stays in the middle', async () => {
    await start({ cols: 20 })
    screen.type(`the quick brown fox jumps over${LEFT.repeat(22)}`)
    await cursorAt(0, 12)
    print('bob: hello')
    await screen.until(['bob: hello', 'me> the quick brown', 'fox jumps over'])
    await cursorAt(1, 12)
    screen.type('LY')
    await screen.until(['bob: hello', 'me> the quicLYk brow', 'n fox jumps over'])
  })

  test('appears above a line whose cursor is in a lower row, at the bottom of the screen', async () => {
    await start({ cols: 20, rows: 6 })
    for (let number = 1; number <= 5; number++) print(`bob: ${number}`)
    screen.type(`the quick brown fox jumps over the lazy dog${LEFT}`)
    await screen.until(rows => rows.at(-1) === 'azy dog')
    print('bob: a text that takes two rows')
    const rows = ['bob: 1', 'bob: 2', 'bob: 3', 'bob: 4', 'bob: 5', 'bob: a text that tak', 'es two rows']
    await screen.until([...rows, 'me> the quick brown', 'fox jumps over the l', 'azy dog'])
    await cursorAt(9, 6)
  })

  test('is kept in order when much of it comes at once', async () => {
    await start({ cols: 20, rows: 6 })
    screen.type('a line that is wrapped')
    await screen.until('pped')
    for (let number = 0; number < 200; number++) print(`bob: ${number}`)
    const texts = Array.from({ length: 200 }, (_, number) => `bob: ${number}`)
    await screen.until([...texts, 'me> a line that is w', 'rapped'])
  })

  test('is not lost above a line that is taller than the screen', async () => {
    await start({ cols: 20, rows: 4 })
    print('bob: before')
    screen.type('x'.repeat(200))
    await screen.until(rows => rows.at(-1) === 'xxxx')
    print('bob: after')
    const line = wrapped(`me> ${'x'.repeat(200)}`, 20)
    await screen.until(rows => rows.includes('bob: after') && rows.at(-1) === 'xxxx')
    const rows = screen.lines()
    expect(rows).toContain('bob: before')
    expect(rows.slice(rows.indexOf('bob: after'))).toEqual(['bob: after', ...line])
    screen.type('\r')
    await screen.until('entered "xxx')
  })

  test('does not erase a line above when the prompt is wider than the screen', async () => {
    await start({ cols: 20 })
    order({ prompt: 'alice to bob, verified> ' })
    await screen.until(['alice to bob, verifi', 'ed>'])
    screen.type('hi\r')
    await screen.until(['alice to bob, verifi', 'ed> hi', 'entered "hi"', 'alice to bob, verifi', 'ed>'])
  })
})

describe('characters of two cells, and of none', () => {
  test('keep the cursor where it belongs', async () => {
    await start({ cols: 20 })
    screen.type('你好🙂e\u0301ñ')
    await screen.until(['me> 你好🙂e\u0301ñ'])
    await cursorAt(0, 12)
    screen.type(`${LEFT.repeat(3)}a`)
    await screen.until(['me> 你好a🙂e\u0301ñ'])
    await cursorAt(0, 9)
    screen.type('\x7f\x7f')
    await screen.until(['me> 你🙂e\u0301ñ'])
    await cursorAt(0, 6)
  })

  const FAMILY = '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}'
  const FLAG = '\u{1f1ee}\u{1f1f9}'
  const HEART = '\u2764\ufe0f'

  test.each([
    ['a family', FAMILY, 2],
    ['a flag', FLAG, 2],
    ['a heart in colour', HEART, 2],
    ['a copyright sign', '\u00a9', 1],
    ['a keycap', '1\ufe0f\u20e3', 2],
    ['a thumb with a skin tone', '\u{1f44d}\u{1f3fd}', 2],
    ['a letter with three marks', 'e\u0301\u0323\u0302', 1],
    ['a Devanagari syllable', '\u0915\u094d\u0937\u093f', 1],
  ])('%s is one thing to the keys, and what follows stands where it belongs', async (_, cluster, width) => {
    await start({ cols: 20 })
    screen.type(`${cluster}ab`)
    await screen.until(rows => rows.at(-1)?.endsWith('ab') === true)
    await cursorAt(0, 4 + width + 2)
    screen.type(`${LEFT.repeat(3)}x`)
    await cursorAt(0, 5)
    print('bob: hello')
    await screen.until('bob: hello')
    await cursorAt(1, 5)
    screen.type(`${RIGHT}y\r`)
    await screen.until(rows => rows.join('').includes(`entered "x${cluster}yab"`))
    screen.type(`${UP}${LEFT.repeat(3)}\x7f${HOME}${DELETE}\r`)
    await screen.until('entered "yab"')
  })

  test('of disputed width never wrap where we do not know of it', async () => {
    await start({ cols: 20 })
    print('bob: before')
    screen.type(`${FAMILY.repeat(9)}z`)
    await screen.until(rows => rows.at(-1)?.endsWith('z') === true)
    await cursorAt(2, 3)
    screen.type(`${CTRL_C}ok\r`)
    await screen.until(['bob: before', 'me> ok', 'entered "ok"', 'me>'])
  })

  test('go on in the next row behind a row that is full', async () => {
    await start({ cols: 20 })
    screen.type('1234567890123456')
    await cursorAt(1, 0)
    screen.type(FAMILY)
    await cursorAt(1, 2)
    screen.type('x')
    await cursorAt(1, 3)
    screen.type(LEFT.repeat(3))
    await cursorAt(0, 19)
    print('bob: hello')
    await cursorAt(1, 19)
    expect(screen.lines().slice(0, 2)).toEqual(['bob: hello', 'me> 1234567890123456'])
    screen.type('\r')
    await screen.until(rows => rows.join('').includes(`entered "1234567890123456${FAMILY}x"`))
  })

  test('wrap as a whole at the edge, and text may arrive then', async () => {
    await start({ cols: 20 })
    screen.type(`12345678901234你好世界${LEFT.repeat(2)}`)
    await screen.until(['me> 12345678901234你', '好世界'])
    await cursorAt(1, 2)
    print('bob: 🙂')
    await screen.until(['bob: 🙂', 'me> 12345678901234你', '好世界'])
    await cursorAt(2, 2)
    screen.type('x')
    await screen.until(['bob: 🙂', 'me> 12345678901234你', '好x世界'])
  })

  test('Hebrew and Arabic are entered as they were typed', async () => {
    await start()
    screen.type('שלום مرحبا\r')
    await screen.until('entered "שלום مرحبا"')
  })
})

test('text that is typed fast in the middle of a line goes where the cursor is', async () => {
  await start()
  screen.type(`hello world${LEFT.repeat(5)}big bad ${HOME}oh \r`)
  await screen.until('entered "oh hello big bad world"')
})

test('the keys for history bring back what was entered, and it can be changed', async () => {
  await start()
  screen.type('first\rsecond\r')
  await screen.until('entered "second"')
  screen.type(`${UP}${UP}`)
  await screen.until(rows => rows.at(-1) === 'me> first')
  screen.type(' again\r')
  await screen.until('entered "first again"')
})

test('the Escape key means nothing and harms nothing', async () => {
  await start()
  screen.type('a\x1b')
  await screen.until(['me> a'])
  await new Promise(resolve => setTimeout(resolve, 100))
  screen.type('bc\r')
  await screen.until('entered "abc"')
})

describe('Tab', () => {
  test('completes the only word there can be, and goes on after a space', async () => {
    await start()
    screen.type('/q\tx')
    await screen.until(['me> /quit x'])
  })

  test('completes in the middle of a line', async () => {
    await start()
    screen.type(`/q there${LEFT.repeat(6)}\t`)
    await screen.until(['me> /quit  there'])
  })

  test('completes as far as the candidates agree, then shows them above', async () => {
    await start({ cols: 20 })
    screen.type('a line that is wrapped b\t')
    await screen.until(['me> a line that is w', 'rapped bo'])
    screen.type('\t')
    await screen.until(['bob  bonnie', 'me> a line that is w', 'rapped bo'])
    screen.type('n\t')
    await screen.until(['bob  bonnie', 'me> a line that is w', 'rapped bonnie'])
  })

  test('breaks a list that is too wide between two words', async () => {
    await start({ cols: 18 })
    screen.type('/\t')
    await screen.until(['/who  /quit', '  /verify', 'me> /'])
  })

  test('comes before what is typed while it is looked for', async () => {
    await start()
    screen.type('b\tn\tx\r')
    await screen.until(['me> bonnie x', 'entered "bonnie x"', 'me>'])
  })

  test('writes a word anew that needs quotes', async () => {
    await start()
    screen.type('/send odd\t')
    await screen.until(['me> /send "odd name"'])
  })

  test('takes away no more than the word, whatever its letters are made of', async () => {
    await start()
    screen.type('/send o\u0301dd\t')
    await screen.until(['me> /send "odd name"'])
  })

  test('leaves a word alone that nothing completes', async () => {
    await start()
    screen.type('/x\t\ty')
    await screen.until(['me> /xy'])
  })
})

describe('a paste', () => {
  test('of several lines is one message, inserted at the cursor', async () => {
    await start()
    screen.type(`[]${LEFT}${pasted('one\rtwo\r\n\tthree\nשלום\n')}`)
    await screen.until(['me> [one␤two␤    three␤שלום]'])
    screen.type('\r')
    await screen.until(String.raw`entered "[one\ntwo\n\tthree\nשלום]"`)
  })

  test('cannot command the terminal', async () => {
    await start()
    screen.type(pasted('\x1b[2J\x07\u202e'))
    await screen.until(['me> ␛[2J␇'])
  })

  test('may fill a message to the last byte', async () => {
    await start()
    screen.type(`${pasted(`${'é\n'.repeat(5461)}x`)}\r`)
    await screen.until('x"')
    screen.type(UP)
  })

  test('that is too long for a message is refused as a whole', async () => {
    await start({ cols: 80 })
    const refusal = 'refused: a line is at most 16384 bytes long'
    screen.type(`ab${pasted('x'.repeat(MAX_LINE_BYTES - 1))}`)
    await screen.until([refusal, 'me> ab'])
    screen.type(pasted(`${'\r\n'.repeat(10_000)}x`))
    await screen.until([refusal, refusal, 'me> ab'])
    screen.type(`${pasted('c')}\r`)
    await screen.until('entered "abc"')
  })
})

describe('a new width', () => {
  const resize = async (cols: number) => {
    const noticed = once(orders, 'data')
    screen.resize(cols, 12)
    await noticed
  }
  const shown = (rows: readonly string[]) => rows.join('').replaceAll(' ', '')

  test.each([
    ['narrower', 20, false],
    ['narrower, in a terminal that wraps anew', 20, true],
    ['wider', 70, false],
    ['wider, in a terminal that wraps anew', 70, true],
    ['narrower than a word', 5, false],
    ['narrower than a word, in a terminal that wraps anew', 5, true],
  ])('loses nothing when it is %s', async (_, cols, reflow) => {
    await start({ cols: 30, reflow })
    for (const text of ['bob: 1', 'bob: 2', 'bob: 3']) print(text)
    screen.type(`the quick brown fox jumps over the lazy dog${LEFT.repeat(4)}`)
    await screen.until(rows => rows.includes('bob: 3') && rows.at(-1)?.endsWith('dog') === true)
    await resize(cols)
    print('bob: 4')
    await screen.until(rows => shown(rows).includes('bob:4'))
    screen.type('!')
    const line = wrapped('me> the quick brown fox jumps over the lazy! dog', cols)
    await screen.until(rows => line.every((row, index) => rows.at(index - line.length) === row))
    for (const text of ['bob:1', 'bob:2', 'bob:3', 'bob:4']) expect(shown(screen.lines())).toContain(text)
  })

  test('leaves one line, and the question in its prompt, after a storm of them', async () => {
    await start({ cols: 70 })
    for (const text of ['bob: 1', 'bob: 2']) print(text)
    order({ prompt: 'Did you compare all of the twelve groups with bob, and are they the same?\nyes or no? ' })
    screen.type(`a line with wide characters 你好世界你好世界 of which there is more than a row${LEFT.repeat(3)}`)
    await screen.until(rows => rows.at(-1)?.endsWith('a row') === true)
    for (const cols of [50, 100, 33, 61, 81, 40, 90]) await resize(cols)
    await screen.until(rows => rows.length === 4)
    expect(screen.lines()).toEqual([
      'bob: 1',
      'bob: 2',
      'Did you compare all of the twelve groups with bob, and are they the same?',
      'yes or no? a line with wide characters 你好世界你好世界 of which there is more than a row',
    ])
    await cursorAt(3, 86)
  })

  test('between two lines is taken note of', async () => {
    await start({ cols: 20 })
    await resize(40)
    screen.type('a line of more than twenty')
    await screen.until(['me> a line of more than twenty'])
  })
})

describe('a status', () => {
  const status = (text: string) => order({ status: text })

  test('stands above the line being typed, is replaced in place, and goes without a trace', async () => {
    await start({ cols: 20 })
    print('bob: hello')
    screen.type(`a line that is wrapped${LEFT.repeat(3)}`)
    await screen.until(['bob: hello', 'me> a line that is w', 'rapped'])
    status('one 1%')
    await screen.until(['bob: hello', 'one 1%', 'me> a line that is w', 'rapped'])
    await cursorAt(3, 3)
    status('one 50%\ntwo 1%')
    await screen.until(['bob: hello', 'one 50%', 'two 1%', 'me> a line that is w', 'rapped'])
    print('bob: again')
    await screen.until(['bob: hello', 'bob: again', 'one 50%', 'two 1%', 'me> a line that is w', 'rapped'])
    await cursorAt(5, 3)
    screen.type('PP')
    await screen.until(['bob: hello', 'bob: again', 'one 50%', 'two 1%', 'me> a line that is w', 'rapPPped'])
    status('two 99%')
    await screen.until(['bob: hello', 'bob: again', 'two 99%', 'me> a line that is w', 'rapPPped'])
    status('')
    await screen.until(['bob: hello', 'bob: again', 'me> a line that is w', 'rapPPped'])
    await cursorAt(3, 5)
  })

  test('stays below what Enter leaves behind, and above the next line', async () => {
    await start({ cols: 20 })
    status('one 1%\ntwo 1%')
    screen.type('a line that is wrapped')
    await screen.until(['one 1%', 'two 1%', 'me> a line that is w', 'rapped'])
    screen.type('\r')
    await screen.until([
      'me> a line that is w',
      'rapped',
      'entered "a line that',
      ' is wrapped"',
      'one 1%',
      'two 1%',
      'me>',
    ])
    screen.type(`${UP}${CTRL_C}x\n`)
    await screen.until(rows => rows.slice(4).join() === 'me> x,entered "x",one 1%,two 1%,me>')
    await cursorAt(8, 4)
  })

  test('is cut to the width of the terminal, whatever its characters are and its colours', async () => {
    await start({ cols: 20 })
    const family = '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}'
    status(`12345678901234567890abc\n\u001b[31m你好你好你好你好你好你好\u001b[39m\n${family.repeat(10)}`)
    await screen.until(rows => rows.length === 4 && rows[3] === 'me>')
    expect(screen.lines().slice(0, 2)).toEqual(['12345678901234567890', '你好你好你好你好你好'])
    screen.type('x\r')
    await screen.until(rows => rows.length === 6 && rows[5] === 'me>')
    status('')
    await screen.until(['me> x', 'entered "x"', 'me>'])
  })

  test('takes no more than half of the screen', async () => {
    await start({ cols: 20, rows: 6 })
    status(['1', '2', '3', '4', '5', '6', '7'].join('\n'))
    screen.type('hi\r')
    await screen.until(['me> hi', 'entered "hi"', '1', '2', '3', 'me>'])
  })

  test('comes back after Ctrl-L, which clears the screen', async () => {
    await start({ cols: 20 })
    print('bob: hello')
    status('one 1%')
    screen.type('a line that is wrapped')
    await screen.until(['bob: hello', 'one 1%', 'me> a line that is w', 'rapped'])
    screen.type('\x0c')
    await screen.until(['one 1%', 'me> a line that is w', 'rapped'])
    status('one 2%')
    await screen.until(['one 2%', 'me> a line that is w', 'rapped'])
    await cursorAt(2, 6)
  })

  test.each([
    ['narrower', 16, false],
    ['narrower, in a terminal that wraps anew', 16, true],
    ['wider', 60, false],
    ['wider, in a terminal that wraps anew', 60, true],
  ])('is cut anew when the terminal gets %s, and harms nothing above', async (_, cols, reflow) => {
    await start({ cols: 30, reflow })
    for (const text of ['bob: 1', 'bob: 2', 'bob: 3']) print(text)
    const long = 'a file with a name that is long 1%'
    status(long)
    screen.type(`a line that is longer than thirty cells${LEFT.repeat(4)}`)
    await screen.until(rows => rows.includes(long.slice(0, 30).trimEnd()) && rows.at(-1)?.endsWith('cells') === true)
    await cursorAt(5, 9)
    const noticed = once(orders, 'data')
    screen.resize(cols, 12)
    await noticed
    const line = wrapped('me> a line that is longer than thirty cells', cols)
    const below = [long.slice(0, cols).trimEnd(), ...line]
    await screen.until(rows => below.every((row, index) => rows.at(index - below.length) === row))
    for (const text of ['bob: 1', 'bob: 2', 'bob: 3']) expect(screen.lines()).toContain(text)
    // Of a wider status, a terminal that wraps anew keeps the first row.
    const stale = screen.lines().filter(row => row === below[0]).length - 1
    expect(stale).toBeLessThanOrEqual(cols < 30 ? 1 : 0)
    status('')
    await screen.until(rows => rows.filter(row => row === below[0]).length === stale)
    for (const text of ['bob: 1', 'bob: 2', 'bob: 3']) expect(screen.lines()).toContain(text)
  })

  test('is gone when the editor is closed', async () => {
    await start({ cols: 20 })
    status('one 1%')
    screen.type('half a line')
    await screen.until(['one 1%', 'me> half a line'])
    order({ exit: 'close' })
    await screen.until(['me> half a line', 'closed, raw false'])
  })
})

describe('leaving', () => {
  test('Ctrl-C clears the line, then leaves', async () => {
    await start({ cols: 20 })
    screen.type(`a line that is wrapped${HOME}${CTRL_C}`)
    await screen.until(['me>'])
    screen.type(`b\r`)
    await screen.until(['me> b', 'entered "b"', 'me>'])
    screen.type(CTRL_C)
    await screen.until(['me> b', 'entered "b"', 'press Ctrl-C again t', 'o leave', 'me>'])
    screen.type(CTRL_C)
    await screen.until(rows => rows.at(-1) === 'left')
    expect(await screen.exit).toBe(0)
  })

  test('Ctrl-D leaves, but only from an empty line', async () => {
    await start()
    screen.type(`a${CTRL_D}b\r${CTRL_D}`)
    await screen.until(['me> ab', 'entered "ab"', 'left'])
    expect(await screen.exit).toBe(0)
  })

  test('Ctrl-Z where nobody could continue the program does not stop it', async () => {
    await start()
    screen.type('a\x1a')
    await screen.until(['me> a', 'me> a'])
    screen.type(`b${LEFT}c\r`)
    await screen.until(['me> a', 'me> acb', 'entered "acb"', 'me>'])
  })

  test('a terminal that is gone ends the program', async () => {
    // The shell owns the terminal, which goes with it.
    await start({ script: program => `${program}; true` })
    screen.kill('SIGKILL')
    await once(orders, 'close')
    expect(said).toBe('left')
  })
})

describe('the terminal is given back', () => {
  const thenShowModes = (program: string) => `${program} 2>/dev/null; echo "exit $?"; stty -a`

  test.each([
    ['by close(), twice, in the middle of a wrapped line', 'close', 0],
    ['by the end of the process', 'process', 7],
    ['after an exception', 'throw', 1],
  ])('%s', async (_, exit, code) => {
    await start({ cols: 80, rows: 24, script: thenShowModes })
    expect(screen.bracketedPaste()).toBe(true)
    screen.type(`${'x'.repeat(100)}${HOME}`)
    await screen.until([`me> ${'x'.repeat(76)}`, 'x'.repeat(24)])
    await cursorAt(0, 4)
    order({ exit })
    expect(await screen.exit).toBe(0)
    expect(screen.bracketedPaste()).toBe(false)
    const rows = screen.lines()
    expect(rows.slice(0, 2)).toEqual([`me> ${'x'.repeat(76)}`, 'x'.repeat(24)])
    expect(rows.slice(2, exit === 'close' ? 4 : 3)).toEqual([
      ...(exit === 'close' ? ['closed, raw false'] : []),
      `exit ${code}`,
    ])
    expect(rows.join(' ')).toMatch(/ icanon .* echo /)
  })

  test('by Ctrl-D', async () => {
    await start({ cols: 80, rows: 24, script: thenShowModes })
    screen.type(CTRL_D)
    expect(await screen.exit).toBe(0)
    expect(screen.bracketedPaste()).toBe(false)
    expect(screen.lines().join(' ')).toMatch(/ icanon .* echo /)
  })
})
