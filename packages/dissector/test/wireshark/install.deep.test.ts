import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { runBin } from '../../../core/test/support/process.ts'
import { hasTool } from '../../../core/test/support/tools.ts'
import { seeCapture } from '../../../core/test/support/tshark.ts'
import { usualFolders } from '../../src/wireshark/wireshark-folders.ts'
import { SCENES } from '../support/scenes.ts'
import { captureOf, PLUGIN } from '../support/wireshark.ts'

/** A conversation whose group is far too small. */
const TOY = fileURLToPath(new URL('../../../../captures/Toy.pcap', import.meta.url))

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'install-'))
})
afterEach(() => rmSync(home, { recursive: true }))

/** Somebody whose home is empty; without tshark, the platform decides. */
const someone = (more: Readonly<Record<string, string>> = {}) => ({
  HOME: home,
  XDG_CONFIG_HOME: join(home, '.config'),
  ...more,
})
const install = (more: Readonly<Record<string, string>> = {}, ...args: readonly string[]) =>
  runBin('chat-lab', ['wireshark', 'install', ...args], { env: someone(more) })
const plugin = () => join(home, '.local/lib/wireshark/plugins/p2p-secure-chat.lua')
const rest = (text: string) => text.slice(text.indexOf('\n'))
const profile = (file: string) => join(home, '.config/wireshark/profiles/p2p-secure-chat', file)

test('it puts the plugin and the profile where Wireshark looks for them, and says how to use them', async () => {
  const { code, stdout } = await install({ PATH: '' })
  expect(code).toBe(0)
  expect(rest(readFileSync(plugin(), 'utf8'))).toBe(rest(readFileSync(PLUGIN, 'utf8')))
  expect(stdout).toContain(`${profile('hosts')}: written\n`)
  expect(stdout).toContain('wireshark -C p2p-secure-chat -o p2pc.keylog:KEYS -r FILE\n')
})

/** What an earlier version of the same file, with this content, would have left there. */
function ageTo(path: string, content: string): void {
  const [title] = readFileSync(path, 'utf8').split(', sha256 of the rest: ')
  const hash = createHash('sha256').update(`\n${content}`).digest('hex')
  writeFileSync(path, `${title}, sha256 of the rest: ${hash}\n${content}`)
}

test('an older version is replaced, what is as it should be stays, and drafts are not left', async () => {
  await install({ PATH: '' })
  ageTo(plugin(), '-- an older version\n')
  ageTo(profile('hosts'), '10.0.0.9 carol\n')
  const { code, stdout } = await install({ PATH: '' })
  expect(code).toBe(0)
  expect(stdout).toContain(`${plugin()}: updated\n`)
  expect(stdout).toContain(`${profile('hosts')}: updated\n`)
  expect(stdout).toContain(`${profile('preferences')}: unchanged\n`)
  expect(rest(readFileSync(plugin(), 'utf8'))).toBe(rest(readFileSync(PLUGIN, 'utf8')))
  expect(readFileSync(profile('hosts'), 'utf8')).not.toContain('carol')
  expect(readdirSync(join(home, '.local/lib/wireshark/plugins'))).toEqual(['p2p-secure-chat.lua'])
})

test('a file of the profile that somebody has added to, or written anew, is kept', async () => {
  await install({ PATH: '' })
  appendFileSync(profile('hosts'), '10.0.0.9 carol\n')
  writeFileSync(profile('preferences'), '# my own\n')
  const { code, stdout } = await install({ PATH: '' })
  expect(code).toBe(0)
  for (const file of ['hosts', 'preferences']) {
    expect(stdout).toContain(`${profile(file)}: kept, since somebody has changed it\n`)
  }
  expect(readFileSync(profile('hosts'), 'utf8')).toContain('10.0.0.3 bob\n10.0.0.9 carol\n')
  expect(readFileSync(profile('preferences'), 'utf8')).toBe('# my own\n')
})

test('a plugin that somebody has changed is not written over', async () => {
  await install({ PATH: '' })
  appendFileSync(plugin(), '-- my own\n')
  const { code, stderr } = await install({ PATH: '' })
  expect(code).toBe(1)
  expect(stderr).toContain('is there already, and is not as we wrote it (unwritable)')
  expect(readFileSync(plugin(), 'utf8')).toMatch(/\n-- my own\n$/)
})

test('a plugin of that name that is none of ours is left alone, and nothing else is written', async () => {
  mkdirSync(join(home, '.local/lib/wireshark/plugins'), { recursive: true })
  writeFileSync(plugin(), 'print "mine"\n')
  const { code, stderr } = await install({ PATH: '' })
  expect(code).toBe(1)
  expect(stderr).toContain('is there already, and is not as we wrote it (unwritable)')
  expect(readFileSync(plugin(), 'utf8')).toBe('print "mine"\n')
  expect(existsSync(join(home, '.config'))).toBe(false)
})

test('a folder that cannot be made is one clear error', async () => {
  writeFileSync(join(home, 'file'), '')
  const { code, stderr } = await install({}, '--folder', join(home, 'file'))
  expect(code).toBe(1)
  expect(stderr).toMatch(/^error: .*\/file\/plugins: .* \(unwritable\)\n {2}\S/)
})

test('the command that it prints can be pasted, whatever the folder is called', async () => {
  const folder = join(home, "alice's own folder")
  const { code, stdout } = await install({ PATH: '' }, '--folder', folder)
  expect(code).toBe(0)
  const command = stdout.split('\n').find(line => line.includes('lua_script'))
  const words = `wireshark() { printf '%s\\n' "$WIRESHARK_CONFIG_DIR" "$@"; }; ${command}`
  const [configuration, , script] = execFileSync('sh', ['-c', words], { encoding: 'utf8' }).split('\n')
  expect(configuration).toBe(folder)
  expect(existsSync((script ?? '').replace('lua_script:', ''))).toBe(true)
})

test('after wireshark comes install', async () => {
  const { code, stderr } = await runBin('chat-lab', ['wireshark', 'remove'])
  expect(code).toBe(2)
  expect(stderr).toContain(
    'after wireshark comes install, not remove (usage)\n  try: npx --no-install chat-lab wireshark install\n',
  )
  const { code: none, stderr: missing } = await runBin('chat-lab', ['wireshark'])
  expect([none, missing]).toEqual([
    2,
    'error: a command is missing (usage)\n  try: npx --no-install chat-lab wireshark install\n',
  ])
})

test('each platform has its folders', () => {
  expect(usualFolders('darwin', {}, '/Users/alice')).toEqual({
    plugins: '/Users/alice/.local/lib/wireshark/plugins',
    profiles: '/Users/alice/.config/wireshark/profiles',
  })
  expect(usualFolders('linux', { WIRESHARK_CONFIG_DIR: '/w' }, '/home/alice').profiles).toBe('/w/profiles')
  expect(usualFolders('win32', {}, 'C:\\Users\\alice')).toEqual({
    plugins: 'C:\\Users\\alice\\AppData\\Roaming\\Wireshark\\plugins',
    profiles: 'C:\\Users\\alice\\AppData\\Roaming\\Wireshark\\profiles',
  })
})

describe.skipIf(!hasTool('tshark'))('with Wireshark on this machine', () => {
  test('a folder that it does not know is the usual one, and never the next line or where one happens to be', async () => {
    expect((await install({ WIRESHARK_CONFIG_DIR: '' })).code).toBe(0)
    expect(existsSync(profile('preferences'))).toBe(true)
  })

  const tshark = (...args: readonly string[]) => {
    const run = ['-c', 'exec tshark "$@" 2>&1', 'tshark', ...args]
    return execFileSync('sh', run, { encoding: 'utf8', env: { ...process.env, ...someone() }, maxBuffer: 2 ** 26 })
  }

  test('what is installed works: the protocol is known, and the profile shows its columns, colours and hosts', async () => {
    expect((await install()).code).toBe(0)
    const file = join(home, 'scenes.pcapng')
    writeFileSync(file, captureOf(SCENES))
    const shown = tshark('-C', 'p2p-secure-chat', '-r', file, '-Y', 'p2pc.expression', '--color')
    expect(shown).toMatch(/alice → bob .* P2PC .* EVALUATE 1 \+ 3 \* 4 → ü/)
    expect(shown).not.toMatch(/error|warning|invalid|unknown|not found/i)
    const faults = [
      '-Y',
      'frame.coloring_rule.name == "P2PC: an attack or a fault"',
      '-T',
      'fields',
      '-e',
      'p2pc.dh.group',
    ]
    expect(tshark('-C', 'p2p-secure-chat', '-r', TOY, '--color', ...faults)).toMatch(/^toy40\ntoy40\n$/m)
    for (const filter of filtersOfProfile()) tshark('-r', file, '-Y', filter, '-c', '1')
  })

  test('what is installed does not count in other tests', async () => {
    expect((await install()).code).toBe(0)
    vi.stubEnv('HOME', home)
    expect(seeCapture(TOY).complaints).toEqual([])
    vi.unstubAllEnvs()
  })
})

/** Every display filter that the profile holds. */
function filtersOfProfile(): string[] {
  const lines = (file: string) =>
    readFileSync(profile(file), 'utf8')
      .split('\n')
      .slice(1)
      .filter(line => line !== '')
  const colours = lines('colorfilters').map(line => line.split('@')[2] ?? '')
  const rows = [...lines('dfilter_buttons'), ...lines('io_graphs')].map(line => line.split('","')[2] ?? '')
  const filters = [...colours, ...rows]
  expect(filters.length).toBeGreaterThan(10)
  return [filters.map(filter => `(${filter})`).join(' || ')]
}
