import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { runBin, startBin } from '../../core/test/support/process.ts'
import { hasTool } from '../../core/test/support/tools.ts'
import { capinfos, saidBy, seeCapture } from '../../core/test/support/tshark.ts'

let file: string
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'calc-record-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  file = join(folder, 'calc.pcapng')
})

async function calculate(...args: readonly string[]) {
  const server = startBin('calc-server', ['--port', '0'])
  const { port } = await server.listening()
  return { port, ...(await runBin('calc-client', ['--port', String(port), '--record', file, ...args])) }
}

test.skipIf(!hasTool('tshark'))('the client records its connection, from the first byte to its end', async () => {
  const { port, code, stdout, stderr } = await calculate('2 + 3 * 4')
  expect({ code, stdout }).toEqual({ code: 0, stdout: '20\n' })
  expect(stderr).toBe(`note: all that is sent and received goes into ${file} as it crosses the wire\n`)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const { packets, complaints } = seeCapture(file)
  expect(complaints).toEqual([])
  expect(packets[0]?.destinationPort).toBe(port)
  expect(saidBy(packets, 0, 'dialler').toString()).toContain('2 + 3 * 4')
  expect(saidBy(packets, 0, 'listener').toString()).toContain('"result":"20"')
  expect(packets.findLast(({ fin }) => fin)).toBeDefined()
  expect(capinfos(file)).toContain('Capture application: calc-client')
})

test('a file that exists is left alone, and nothing is asked of the server', async () => {
  writeFileSync(file, 'mine')
  const { code, stdout, stderr } = await calculate('--json', '1')
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({ event: 'error', code: 'unwritable' })
  expect(stderr).toContain('name a new file, or move that one away')
  expect(readFileSync(file, 'utf8')).toBe('mine')
})

test('where nothing answers there is nothing to record, and no file', async () => {
  const { code } = await runBin('calc-client', ['--port', '1', '--record', file, '1'])
  expect(code).toBe(1)
  expect(existsSync(file)).toBe(false)
  for (const none of ['', '-']) expect((await runBin('calc-client', ['--record', none, '1'])).code).toBe(2)
})

test.runIf(process.platform === 'linux')('nor is there one when Ctrl-C ends the wait for a connection', async () => {
  // It takes two connections, and leaves all others waiting.
  const listen = `require('node:net').createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, function () {
    require('node:fs').writeSync(1, String(this.address().port))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  })`
  const full = spawn(process.execPath, ['-e', listen])
  onTestFinished(() => void full.kill('SIGKILL'))
  const [port]: Buffer[] = await once(full.stdout, 'data')
  for (let i = 0; i < 2; i++) {
    const socket = connect(Number(port), '127.0.0.1').on('error', () => undefined)
    await once(socket, 'connect')
  }
  const client = startBin('calc-client', ['--port', String(port), '--record', file, '1'])
  await client.stderrShows('goes into')
  client.kill('SIGINT')
  expect((await client.ended()).code, 'ended by the signal').toBe(null)
  expect(existsSync(file)).toBe(false)
})
