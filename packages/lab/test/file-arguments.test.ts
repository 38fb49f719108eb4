import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { runBin, startBin } from '../../core/test/support/process.ts'

/** A command line that names a file or a folder, in the place of PATH. */
type Line = readonly [bin: string, ...args: string[]]

const CHAT: Line = ['chat-client', '--name', 'alice', '--directory', '127.0.0.1:1', '--home', 'HOME']
const IDENTITY = (...args: string[]): Line => ['chat-client', 'identity', ...args, '--name', 'alice', '--home', 'HOME']

const READ: readonly Line[] = [
  [...CHAT, '--passphrase-file', 'PATH'],
  [...CHAT, '--group', 'PATH'],
  IDENTITY('passphrase', '--new-passphrase-file', 'PATH'),
  ['chat-client', 'identity', 'import', 'PATH', '--name', 'bob', '--home', 'HOME'],
  ['chat-lab', 'read', 'PATH'],
  ['chat-lab', 'read', '--keys', 'PATH', 'CAPTURE'],
  ['chat-lab', 'exercise', 'check', '--receipt', 'PATH'],
]

const WRITTEN: readonly Line[] = [
  [...CHAT, '--record', 'PATH'],
  [...CHAT, '--keylog', 'PATH'],
  [...CHAT, '--accept-files', 'PATH'],
  ['chat-client', '--name', 'alice', '--directory', '127.0.0.1:1', '--home', 'PATH'],
  IDENTITY('export', '--out', 'PATH'),
  ['calc-client', '--record', 'PATH', '1 + 1'],
  ['dh-params', '--out', 'PATH'],
  ['chat-lab', 'read', '--html', 'PATH', 'CAPTURE'],
  ['chat-lab', 'crack', '--keylog', 'PATH', 'CAPTURE'],
  ['chat-lab', 'attack', 'iv-flip', '--against', 'aes', '--record', 'PATH'],
  ['chat-lab', 'exercise', 'start', 'two-time-pad', '--folder', 'PATH'],
  ['chat-lab', 'wireshark', 'install', '--folder', 'PATH'],
]

let folder: string
let home: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'file-arguments-'))
  home = join(folder, 'home')
  mkdirSync(join(folder, 'folder'))
  writeFileSync(join(folder, 'file'), '')
  symlinkSync('circle', join(folder, 'circle'))
  await runBin('chat-client', ['--name', 'alice', '--directory', '127.0.0.1:1', '--home', home], { input: '' })
  return () => rmSync(folder, { recursive: true })
})

const captures = new URL('../../../captures/Task3.pcap', import.meta.url).pathname

/** Where nobody can read or write, root included, and no mode is needed to keep them from it. */
const PLACES: readonly (readonly [path: string, of: 'both' | 'reading'])[] = [
  ['missing/below', 'reading'],
  ['folder', 'reading'],
  ['file/below', 'both'],
  ['circle/below', 'both'],
  ['n'.repeat(300), 'both'],
]

/** A copy of the home, for a name runs once in each. */
function ownHome(): string {
  const copy = mkdtempSync(join(folder, 'home-'))
  cpSync(home, copy, { recursive: true })
  return copy
}

async function failure([bin, ...args]: Line, path: string): Promise<string> {
  const words: Record<string, string> = { PATH: path, HOME: ownHome(), CAPTURE: captures }
  const program = startBin(
    bin,
    args.map(word => words[word] ?? word),
    { input: '', cwd: folder },
  )
  onTestFinished(() => program.kill('SIGKILL'))
  const { code, stderr } = await program.ended()
  return `${code} ${stderr}`
}

/** One clear sentence with the path once and a code, then what to do; nothing of the operating system's own. */
function faultOf(said: string): string | null {
  const error = /^[12] (?:note: .*\n)*error: (.+) \([a-z-]+\)\n {2}\S.*\n$/.exec(said)?.[1]
  if (error === undefined) return `not one error: ${said}`
  if (error.split(folder).length !== 2) return `not the path once: ${error}`
  return /\bE[A-Z]{3,}\b|, \w+ '|\bopen '|undefined/.test(error) ? `raw: ${error}` : null
}

describe.each([
  ['read', READ, PLACES],
  ['written', WRITTEN, PLACES.filter(([, of]) => of === 'both')],
] as const)('whatever is to be %s and cannot', (_, lines, places) => {
  test('is one sentence with the path once, a code and what to do', async () => {
    // Each line meets the next place, so that all places come up and no program starts more than once.
    const faults = await Promise.all(
      lines.map(async (line, i) => {
        const [path] = places[i % places.length] ?? ['']
        const whole = join(folder, path)
        const fault = faultOf(await failure(line, whole))
        return fault === null ? null : `${line.join(' ')}: ${fault}`
      }),
    )
    expect(faults.filter(fault => fault !== null)).toEqual([])
  })
})
