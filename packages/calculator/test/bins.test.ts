import { readFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type Bin, runBin, startBin } from '../../core/test/support/process.ts'
import { frame, HELLO_BYTES, rawClient, rawServer } from './support/raw-peer.ts'
import { stretched } from '../../core/test/support/patience.ts'

const EVALUATE = 0x10

let server: Bin
let port: string

beforeAll(async () => {
  server = startBin('calc-server', ['--port', '0'])
  port = String((await server.listening()).port)
})

/** Runs the client against the server of this file. */
const calc = (args: readonly string[], input = '') => runBin('calc-client', ['--port', port, ...args], { input })

describe('calc-client with arguments', () => {
  test('one result per line', async () => {
    expect(await calc(['2 + 3 * 4', '-5', '-(2+3)*4', '-.5 % 2', '--5', '1/3'])).toEqual({
      code: 0,
      stdout: `20\n-5\n-20\n1.5\n5\n0.${'3'.repeat(50)}\n`,
      stderr: '',
    })
  })

  test('options may stand anywhere, and -- ends them', async () => {
    expect(await runBin('calc-client', ['-7 % 3', '--port', port, '1'])).toMatchObject({ code: 0, stdout: '2\n1\n' })
    expect(await calc(['--', '-5', '1'])).toMatchObject({ code: 0, stdout: '-5\n1\n' })
  })

  test('an error goes to stderr with its column, the others are answered, the exit code is 1', async () => {
    const { code, stdout, stderr } = await calc(['1 + 1', '10 - 4 / 0', '2 * 2'])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '2\n4\n' })
    expect(stderr).toBe(
      'error: division by zero at column 10 (division-by-zero)\n  change the divisor at that column\n',
    )
  })

  test('2 + 3 without quotes is explained', async () => {
    const { code, stdout, stderr } = await calc(['2', '+', '3'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('in quotes: npx --no-install calc-client "2 + 3" (usage)')
  })

  test('an expression that does not fit is an error of its own', async () => {
    const { code, stdout, stderr } = await calc(['1'.repeat(70_000), '2'])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '2\n' })
    expect(stderr).toContain('(too-large)')
  })

  test('--json: one object per answer', async () => {
    const { code, stdout, stderr } = await calc(['--json', '0.1 + 0.2', '2 *'])
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line)),
    ).toEqual([
      { v: 1, expression: '0.1 + 0.2', result: '0.3' },
      {
        v: 1,
        expression: '2 *',
        error: { code: 'syntax', message: 'expected a number, found the end at column 4', column: 4 },
      },
    ])
  })
})

test('a client that finds no place tries again by itself, and says so', async () => {
  let calls = 0
  const full = await rawServer(async peer => {
    calls += 1
    if (calls < 3) {
      peer.send([0x02, { code: 'too-many', message: 'no place' }])
      peer.socket.end()
      return
    }
    peer.write(HELLO_BYTES)
    await peer.receive()
    await peer.receive()
    peer.send([0x11, { id: 0, result: '20' }])
    await peer.receive()
    peer.send([0x03, ''])
    peer.socket.end()
  })
  expect(await runBin('calc-client', ['--port', String(full.port), '2 + 3 * 4'])).toEqual({
    code: 0,
    stdout: '20\n',
    stderr: 'note: the calculator is full, retrying (too-many)\n',
  })
  expect(calls).toBe(3)
})

describe('calc-client with piped stdin', () => {
  test('one answer per line, blank lines skipped, CR dropped', async () => {
    expect(await calc([], '1 + 1\r\n\n   \n2 * 3 + 4')).toEqual({ code: 0, stdout: '2\n10\n', stderr: '' })
    expect(await calc([])).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  test('an error is the answer to its line, and says which that is', async () => {
    expect(await calc([], '1 + 1\n1 / 0\r\n\n  \nEND\n1 × 3\n')).toEqual({
      code: 1,
      stdout: [
        '2',
        'error: line 2: division by zero at column 5 (division-by-zero)',
        'error: line 5: expected a number, found "E" at column 1 (syntax)',
        '3\n',
      ].join('\n'),
      stderr: '',
    })
  })

  test('each line is answered before the next one comes', async () => {
    const client = startBin('calc-client', ['--port', port])
    for (let i = 1; i <= 3; i++) {
      client.write(`${i} * 2\n`)
      expect(await client.line()).toBe(String(i * 2))
    }
    client.end()
    expect(await client.ended()).toMatchObject({ code: 0, stderr: '' })
  })

  test('--json', async () => {
    const { stdout } = await calc(['--json'], '\n1 +\t1\n1 ÷\n')
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line)),
    ).toEqual([
      { v: 1, expression: '1 +\t1', line: 2, result: '2' },
      { v: 1, expression: '1 ÷', line: 3, error: expect.objectContaining({ code: 'syntax', column: 4 }) },
    ])
  })

  test('100,000 lines are answered in order', async () => {
    const numbers = Array.from({ length: 100_000 }, (_, i) => i)
    const { code, stdout } = await calc([], numbers.map(i => `${i} + 1\n`).join(''))
    expect(code).toBe(0)
    expect(stdout).toBe(numbers.map(i => `${i + 1}\n`).join(''))
  })

  test('a line that cannot be used is named, the rest goes on', async () => {
    const input = Buffer.concat([
      Buffer.from(`1\n${' '.repeat(20_000)}2\n3\n`),
      Uint8Array.of(0xff, 0x0a),
      Buffer.from('4\n'),
    ])
    const { code, stdout, stderr } = await runBin('calc-client', ['--port', port], { input })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '1\n3\n4\n' })
    expect(stderr).toContain('line 2 is longer than 16384 bytes (bad-input)')
    expect(stderr).toContain('line 4 is not valid UTF-8 (bad-input)')
  })
})

describe('calc-client in trouble', () => {
  /** A server that greets and then does as the test says. */
  async function scripted(script: (socket: Socket) => void): Promise<string> {
    const scriptedServer = createServer(socket => {
      socket.on('error', () => socket.destroy())
      socket.write(HELLO_BYTES)
      script(socket)
    })
    onTestFinished(() => void scriptedServer.close())
    scriptedServer.listen(0, '127.0.0.1')
    await once(scriptedServer, 'listening')
    const address = scriptedServer.address()
    return String(typeof address === 'object' ? address?.port : undefined)
  }

  test('nothing listens there', async () => {
    const gone = startBin('calc-server', ['--port', '0'])
    const address = await gone.listening()
    gone.kill('SIGTERM')
    await gone.ended()
    const { code, stderr } = await runBin('calc-client', ['--port', String(address.port), '1'])
    expect(code).toBe(1)
    expect(stderr).toContain(
      `error: cannot reach 127.0.0.1:${address.port}: nothing listens there (unreachable)\n  start it: npx --no-install calc-server; or`,
    )
  })

  test('the server is lost while stdin is open', async () => {
    const doomed = startBin('calc-server', ['--port', '0'])
    const client = startBin('calc-client', ['--port', String((await doomed.listening()).port)])
    client.write('1 + 1\n')
    expect(await client.line()).toBe('2')
    doomed.kill('SIGKILL')
    const { code, stderr } = await client.ended()
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: .* \(cut\)\n {2}calc-server has ended, .*\n$/)
  })

  test('the server says goodbye while stdin is open', async () => {
    const leaving = startBin('calc-server', ['--port', '0'])
    const client = startBin('calc-client', ['--port', String((await leaving.listening()).port)])
    client.write('1 + 1\n')
    expect(await client.line()).toBe('2')
    leaving.kill('SIGTERM')
    expect((await client.ended()).stderr).toMatch(
      /^error: the server said goodbye \(closed\)\n {2}calc-server was stopped, .*\n$/,
    )
    expect(await leaving.ended()).toMatchObject({ code: 0 })
  })

  test('what a server says can not command the terminal', async () => {
    const evil = { code: 'syntax', message: '\u001b[2J\u009b31m at column 1', column: 1 }
    const evilPort = await scripted(socket =>
      socket.on('data', () => socket.write(frame(0x11, { id: 0, error: evil }))),
    )
    for (const [shown, ...args] of [
      ['␛[2J\ufffd31m', '1'],
      [String.raw`"\u001b[2J\u009b31m`, '1', '--json'],
    ] as const) {
      const { stdout, stderr } = await runBin('calc-client', ['--port', evilPort, ...args])
      expect(stdout + stderr).toContain(shown)
      // oxlint-disable-next-line no-control-regex -- exactly these must not come through
      expect(stdout + stderr).not.toMatch(/[\u001b\u009b]/)
    }
  })

  test('something else listens there', async () => {
    const webServer = createServer(socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    onTestFinished(() => void webServer.close())
    webServer.listen(0, '127.0.0.1')
    await once(webServer, 'listening')
    const address = webServer.address()
    const webPort = String(typeof address === 'object' ? address?.port : undefined)
    const { code, stderr } = await runBin('calc-client', ['--port', webPort, '1'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/ \(wrong-protocol\)\n {2}check --host and --port: /)
  })

  test('a reader that leaves early ends it quietly', async () => {
    const client = startBin('calc-client', ['--port', port])
    client.write('1\n')
    await client.line()
    client.closeStdout()
    client.write('2\n3\n')
    expect(await client.ended()).toMatchObject({ stderr: '' })
  })

  test.each([
    [['--port', '99999', '1'], 'bad-address'],
    [['--host', 'a b', '1'], 'bad-address'],
    [['--port'], 'usage'],
    [['--colour', '1'], 'usage'],
  ])('%j is wrong usage', async (args, code) => {
    const ended = await runBin('calc-client', args)
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toMatch(new RegExp(`^error: .* \\(${code}\\)\\n  .+\\n$`))
  })

  test('a stack trace is shown on demand only', async () => {
    expect((await runBin('calc-client', ['--port', '99999', '1'])).stderr).not.toContain('    at ')
    expect((await runBin('calc-client', ['--port', '99999', '--debug', '1'])).stderr).toContain('    at ')
  })
})

describe('calc-server', () => {
  test('says where it listens, on stdout and first; how to open it, on stderr', async () => {
    const another = startBin('calc-server', ['--port', '0'])
    expect(await another.line()).toMatch(/^listening on 127\.0\.0\.1:\d+$/)
    another.kill('SIGINT')
    const { code, stdout, stderr } = await another.ended()
    expect(code).toBe(0)
    expect(stdout.split('\n')).toHaveLength(2)
    expect(stderr).toContain('--host 0.0.0.0')
  })

  test('--json says it as an object', async () => {
    const another = startBin('calc-server', ['--port', '0', '--json'])
    const said: unknown = JSON.parse(await another.line())
    expect(said).toEqual({
      v: 1,
      event: 'listening',
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      host: '127.0.0.1',
      port: expect.any(Number),
    })
    another.kill('SIGTERM')
    expect(await another.ended()).toMatchObject({ code: 0 })
  })

  test('IPv6 works on both sides', async ({ skip }) => {
    const another = startBin('calc-server', ['--host', '[::1]', '--port', '0'])
    const first = await another.line().catch((error: Error) => error.message)
    skip(first.includes('(bad-address)'), 'no IPv6 on this machine')
    const ipv6Port = /^listening on \[::1\]:(\d+)$/.exec(first)?.[1] ?? first
    expect(await runBin('calc-client', ['--host', '::1', '--port', ipv6Port, '1 + 1'])).toMatchObject({ stdout: '2\n' })
  })

  test('a port in use is one clear error', async () => {
    const { code, stdout, stderr } = await runBin('calc-server', ['--port', port])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(`127.0.0.1:${port} is in use`)
    expect(stderr.split('\n')).toHaveLength(3)
  })

  test.each([
    [['--port', 'many'], 'bad-address'],
    [['--host', '192.0.2.1', '--port', '0'], 'bad-address'],
    [['now'], 'usage'],
  ])('%j is wrong usage', async (args, code) => {
    const ended = await runBin('calc-server', args)
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toContain(`(${code})`)
    if (args.length === 1) expect(ended.stderr).toContain("unexpected argument 'now'")
  })

  test('is gone within 2 seconds although clients sleep, and says goodbye to them', async () => {
    const another = startBin('calc-server', ['--port', '0'])
    const address = await another.listening()
    const client = await rawClient(address)
    client.write(HELLO_BYTES)
    await client.receive()
    const started = performance.now()
    another.kill('SIGTERM')
    expect(await another.ended()).toMatchObject({ code: 0 })
    expect(performance.now() - started).toBeLessThan(stretched(2_000))
    expect((await client.rest()).at(-1)).toEqual({ type: 3, text: '' })
  })

  test.skipIf(process.platform !== 'linux')('a flood that nobody reads does not fill its memory', async () => {
    const another = startBin('calc-server', ['--port', '0'])
    const address = await another.listening()
    const rss = () => {
      const pages = readFileSync(`/proc/${another.pid}/statm`, 'utf8').split(' ')[1]
      return (Number(pages) * 4_096) / 2 ** 20
    }
    const before = rss()
    const questions = Buffer.concat(
      Array.from({ length: 1_000 }, (_, id) => frame(EVALUATE, { id, expression: '1/3' })),
    )
    for (let i = 0; i < 10; i++) {
      const socket = connect({ ...address })
      onTestFinished(() => void socket.destroy())
      socket.on('error', () => socket.destroy())
      await once(socket, 'connect')
      socket.pause().write(HELLO_BYTES)
      for (let round = 0; round < 200; round++) socket.write(questions)
    }
    expect(await runBin('calc-client', ['--port', String(address.port), '6 * 7'])).toMatchObject({ stdout: '42\n' })
    // 80 MB of questions would make 180 MB of answers.
    expect(rss() - before).toBeLessThan(100)
  })
})

test.each(['calc-client', 'calc-server'])('%s --version and --help', async name => {
  expect(await runBin(name, ['--version'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  })
  const help = await runBin(name, ['--help'])
  expect(help).toMatchObject({ code: 0, stderr: '' })
  for (const part of ['--host', '127.0.0.1', '--port', '10001', 'Limits:', '64 KiB', '1,000']) {
    expect(help.stdout).toContain(part)
  }
  expect(help.stdout).not.toMatch(/default:\s+["/]/)
})
