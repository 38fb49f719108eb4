import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Bin, binPath, runBin, startBin } from '../../../packages/core/test/support/process.ts'
import { hasTool } from '../../../packages/core/test/support/tools.ts'
import { secretsOf } from '@p2p-secure-chat/dissector/dissect/secrets'
import { captureReader } from '@p2p-secure-chat/dissector/dissect/capture-reader'
import { requireTools } from '../../captures/rights.ts'
import { DIALLING_PORTS } from '../../captures/three-hosts.ts'
import { captureFaults } from '../../../packages/dissector/test/support/captures.ts'
import { goldenOf } from '../../../packages/dissector/test/support/golden.ts'
import { showView, VIEWS } from '../../../packages/dissector/test/support/shipped.ts'
import { checkWalkthrough } from '../../../packages/dissector/test/support/walkthrough.ts'

/** What `npm run captures` starts. */
const RECORDER = fileURLToPath(new URL('../../captures/record-captures.ts', import.meta.url))

const nodeArgs = ['--import', import.meta.resolve('tsx')]

/** Of the program that runs a script, and no trace of a recording. */
const NO_CACHE = { TSX_DISABLE_CACHE: '1' }

const TOOLS = ['unshare', 'nsenter', 'setpriv', 'ip', 'ss', 'ethtool', 'tcpdump', 'tshark'].every(hasTool)

const folder = mkdtempSync(join(tmpdir(), 'record-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const readme = readFileSync(new URL('../../../captures/README.md', import.meta.url), 'utf8')

/** Processes that were started with this folder as their place for temporary files. */
function processesOf(temporary: string): string[] {
  return readdirSync('/proc').filter(pid => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`TMPDIR=${temporary}\0`)
    } catch {
      return false
    }
  })
}

/** Where the connections of a capture came from. */
function dialledFrom(capture: Uint8Array): number[] {
  const ports: number[] = []
  const reader = captureReader(secretsOf(), seen => {
    if (seen.kind === 'conversation') ports.push(seen.connection.dialler.port)
  })
  reader.push(capture)
  reader.end()
  return ports
}

function place(name: string) {
  const [out, temporary] = [join(folder, name, 'out'), join(folder, name, 'tmp')]
  mkdirSync(temporary, { recursive: true })
  return { out, temporary, env: { TMPDIR: temporary, ...NO_CACHE } }
}

describe.skipIf(!TOOLS)('all captures, recorded anew', () => {
  const { out, temporary, env } = place('all')
  const settings = join(folder, 'settings')
  mkdirSync(settings)

  beforeAll(async () => {
    const recording = startBin(RECORDER, ['--out', out], { env, nodeArgs })
    expect(await recording.ended()).toMatchObject({ code: 0, stderr: '' })
  })

  test('are whole, clean and short', () => {
    expect(captureFaults(out)).toEqual([])
  })

  test.each(VIEWS.filter(({ keys }) => keys === undefined))('show in $capture what the shipped ones show', view => {
    const golden = new URL(`../../../packages/dissector/test/golden/${view.golden}`, import.meta.url)
    expect(goldenOf(showView(view, out, settings))).toBe(readFileSync(golden, 'utf8'))
  })

  test('have no port of those who dial that Wireshark takes for another protocol', () => {
    const ports = ['Task1.pcap', 'Task4.pcap'].flatMap(file => dialledFrom(readFileSync(join(out, file))))
    expect(ports.length).toBeGreaterThan(6)
    for (const port of ports) {
      expect(port).toBeGreaterThanOrEqual(DIALLING_PORTS.first)
      expect(port).toBeLessThanOrEqual(DIALLING_PORTS.last)
    }
  })

  test('show all that the walk through them says', async () => {
    expect((await checkWalkthrough(readme, out, false)).faults).toEqual([])
  })

  test('leave nothing behind', () => {
    expect(readdirSync(temporary)).toEqual([])
    expect(readdirSync(out).filter(name => name.startsWith('.'))).toEqual([])
    expect(processesOf(temporary)).toEqual([])
  })
})

const STOPPED = 'error: the recording was stopped (cancelled)\n  no capture was replaced\n'

test.skipIf(!TOOLS).each([
  ['Ctrl-C', (recording: Bin) => recording.kill('SIGINT'), STOPPED],
  ['SIGTERM', (recording: Bin) => recording.kill('SIGTERM'), STOPPED],
  ['the end of its reader', (recording: Bin) => recording.closeStdout(), ''],
] as const)('a recording that is stopped by %s replaces nothing and leaves nothing behind', async (by, stop, says) => {
  const { out, temporary, env } = place(by)
  mkdirSync(out)
  writeFileSync(join(out, 'Task1.pcap'), 'the old one')
  const recording = startBin(RECORDER, ['--out', out], { env, nodeArgs })
  expect(await recording.line()).toBe('recorded Task1')
  stop(recording)
  const { code, stderr } = await recording.ended()
  expect([code, stderr]).toEqual([1, says])
  expect(readdirSync(out)).toEqual(['Task1.pcap'])
  expect(readFileSync(join(out, 'Task1.pcap'), 'utf8')).toBe('the old one')
  expect(readdirSync(temporary)).toEqual([])
  expect(processesOf(temporary)).toEqual([])
})

test.skipIf(!TOOLS)(
  'where there is no place for temporary files there is one clear error, and no draft is left',
  async () => {
    const { out } = place('cramped')
    const { code, stderr } = await runBin(RECORDER, ['--out', out], {
      env: { TMPDIR: join(folder, 'gone'), ...NO_CACHE },
      nodeArgs,
    })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: .*\/gone: no such file or directory \(unwritable\)\n {2}\S/)
    expect(readdirSync(out)).toEqual([])
  },
)

test('where the tools are missing, all of them are named', async () => {
  const { out } = place('bare')
  const { code, stdout, stderr } = await runBin(RECORDER, ['--out', out], { env: { PATH: folder }, nodeArgs })
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toBe(
    'error: recording needs unshare, nsenter, setpriv, ip, ss, ethtool, tcpdump, not found here (missing-tool)\n' +
      '  on Debian and Ubuntu: apt-get install util-linux iproute2 ethtool tcpdump\n',
  )
  expect(() => requireTools(binPath('chat-lab'))).toThrow(expect.objectContaining({ code: 'missing-tool' }))
})

test.skipIf(!TOOLS)('a folder that cannot be is one clear error', async () => {
  const file = join(folder, 'a-file')
  writeFileSync(file, '')
  const { code, stderr } = await runBin(RECORDER, ['--out', join(file, 'captures')], { nodeArgs })
  expect(code).toBe(1)
  expect(stderr).toMatch(/^error: .*a-file.* \(unwritable\)\n {2}.+\n$/)
})
