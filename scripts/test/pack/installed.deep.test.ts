import { createHash } from 'node:crypto'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { hasNetworks, openNetwork } from '../../../packages/core/test/support/network.ts'
import { type BinOptions, runBin, startBin } from '../../../packages/core/test/support/process.ts'
import { haveRead, openScreen, type Screen } from '../../../packages/core/test/support/screen/screen.ts'
import { fillIn } from '../../../packages/lab/test/support/student.ts'
import { recoverMessage } from '../../../packages/lab/test/exercise/solutions/recover-message.ts'
import { ALONE, folderOfFile, type Installed, installPackage, ROOT, run } from './support/installed-package.ts'

// The package on a machine that has Node.js and npm, and no network; nothing of this checkout is used.

const networks = hasNetworks()

let installed: Installed

beforeAll(async () => {
  if (networks) installed = await installPackage()
})

/** Runs a program of the package to its end, without a network. */
const ended = (name: string, args: readonly string[], options: BinOptions = {}) =>
  runBin(name, args, { ...installed.options, within: ALONE, ...options })

describe.skipIf(!networks)('installed without a network', () => {
  test('the tour plays, and says how to go on', async () => {
    const { code, stdout } = await ended('chat-lab', ['demo'])
    expect(stdout).toContain('checked: every text arrived; the eavesdropper read none of them')
    expect(stdout).toMatch(/^ {2}chat-client$/m)
    expect(code).toBe(0)
  })

  test.each([
    ['eavesdropping', 'calc'],
    ['bit-flip', 'basic'],
    ['eavesdropping', 'textbook-dh'],
    ['iv-flip', 'textbook-aes'],
    ['bit-flip', 'dh'],
    ['replay', 'aes'],
  ])('the attack %s is played against %s', async (attack, rung) => {
    const { code, stdout, stderr } = await ended('chat-lab', ['attack', attack, '--against', rung])
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    expect(stdout).toMatch(/^(?:broken|resisted|leaks|nothing to attack)/m)
  })

  test('a shipped capture is read with its keys, and becomes a page', async () => {
    const capture = join(installed.folder, 'captures', 'Task4.pcap')
    const keys = ['--keys', join(installed.folder, 'captures', 'Task4.keys')]
    const page = join(folderOfFile(), 'page.html')
    const { code, stdout } = await ended('chat-lab', ['read', capture, ...keys, '--html', page])
    expect(code).toBe(0)
    expect(stdout).toContain('41 messages opened, 0 sealed')
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>/i)
  })

  test('an exercise is started, and checked with a wrong and with a right answer', async () => {
    const cwd = folderOfFile()
    const exercise = (...args: readonly string[]) =>
      ended('chat-lab', ['exercise', ...args, 'recover-message'], { cwd })
    expect((await exercise('start')).code).toBe(0)
    const folder = join(cwd, 'chat-lab-exercises', 'recover-message')
    expect((await exercise('check')).code).toBe(1)
    await fillIn(folder, await recoverMessage(folder))
    expect(await exercise('check')).toMatchObject({ code: 0, stderr: '' })
  })

  test('man finds a page for each program', () => {
    const pages = readdirSync(join(installed.folder, '../../../share/man/man1'))
    expect(pages).toEqual(
      readdirSync(join(installed.folder, 'bin')).flatMap(file =>
        file === 'textbook.js' ? [] : file.replace(/js$/, '1'),
      ),
    )
  })

  test('the Wireshark plugin is put into a folder', async () => {
    const folder = folderOfFile()
    expect((await ended('chat-lab', ['wireshark', 'install', '--folder', folder])).code).toBe(0)
    expect(readdirSync(join(folder, 'plugins'))).toEqual(['p2p-secure-chat.lua'])
  })

  test('two people talk, and one sends a file', async () => {
    const network = await openNetwork()
    const start = (name: string, args: readonly string[], cwd: string) => {
      const { command, args: within } = network.inside('env')
      return startBin(name, args, { ...installed.options, within: [command, ...within], cwd })
    }
    const { port } = await start('chat-server', ['--port', '0'], installed.home).listening()
    const [from, to] = [folderOfFile(), folderOfFile()]
    const photo = Buffer.alloc(300_000, 'photo')
    writeFileSync(join(from, 'photo.jpg'), photo)
    const common = ['--directory', `127.0.0.1:${port}`, '--home', join(from, 'home')]
    const flags = ['--name', 'bob', '--accept', 'all', '--accept-files', to, '--once']
    const bob = start('chat-client', [...common, ...flags], to)
    await bob.stderrShows('you are bob')
    const alice = start('p2p-secure-chat', ['client', ...common, '--name', 'alice', '--to', 'bob'], from)
    alice.write('hello bob\n/send photo.jpg\n')
    alice.end()
    expect((await alice.ended()).code).toBe(0)
    const { code, stdout } = await bob.ended()
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'alice: hello bob\n' })
    const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
    expect(hash(readFileSync(join(to, 'photo.jpg')))).toBe(hash(photo))
  })

  test('npx runs one program once, from the file of the package', async () => {
    const npx = ['npx', '--yes', `./${basename(installed.tarball)}`, 'client', '--help']
    const { stdout } = await run(ALONE[0], [...ALONE.slice(1), ...npx], {
      env: installed.options.env,
      cwd: dirname(installed.tarball),
    })
    expect(stdout).toMatch(/^Usage: chat-client /)
  })
})

describe.skipIf(!networks)('the first minute of the README, installed', () => {
  test('is what it says', async () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
    const [, install = '', client = ''] = /```sh\n(npm install --global \S+)\n(chat-client)\n```/.exec(readme) ?? []
    expect(client).toBe('chat-client')
    const { tarball, options } = installed
    // The name of the file is that of this version.
    expect(tarball.endsWith(install.split(' ').at(-1)?.replace(/^\.\//, '/') ?? '?')).toBe(true)

    const network = await openNetwork()
    const home = folderOfFile()
    function terminal(): Screen {
      const screen = openScreen({
        ...network.inside('sh', '-c', client),
        rows: 40,
        env: { ...options.env, HOME: home },
        cwd: home,
      })
      onTestFinished(() => screen.kill())
      return screen
    }
    const lastRow = (text: string) => (rows: readonly string[]) => rows.at(-1) === text
    const alice = terminal()
    await alice.until('Your name:')
    alice.type('alice\r')
    await alice.until('passphrase')
    alice.type('\r')
    await alice.until('Run one inside this client?')
    alice.type('\r')
    await alice.until(lastRow('alice>'))
    const bob = terminal()
    await bob.until('Your name:')
    bob.type('bob\r')
    await bob.until('passphrase')
    bob.type('\r')
    await bob.until(lastRow('bob>'))
    bob.type('/chat alice\r')
    await alice.until('bob is calling')
    await haveRead()
    alice.type('/accept\r')
    await alice.until(lastRow('alice to bob (new)>'))
    alice.type('hello bob, can anybody read this?\r')
    await bob.until('alice: hello bob')
    for (const screen of [bob, alice]) expect(screen.lines().join('\n')).not.toMatch(/npm run|npx/)
    bob.type('/quit\r')
    expect(await bob.exit).toBe(0)
  })
})

describe.skipIf(!networks)('what is wrong with an installation is said', () => {
  /** A copy of the package in which something can be damaged. */
  function copy(): { readonly folder: string; readonly options: BinOptions } {
    const packages = folderOfFile()
    const folder = join(packages, 'p2p-secure-chat')
    cpSync(installed.folder, folder, { recursive: true })
    return { folder, options: { ...installed.options, packages } }
  }

  test.each([
    [
      'the module of the program',
      (folder: string) => rmSync(join(folder, 'dist'), { recursive: true }),
      ['chat-client', '--help'],
    ],
    [
      'a file that a program reads',
      (folder: string) => rmSync(join(folder, 'page', 'lessons.md')),
      ['chat-lab', 'read', 'captures/Task1.pcap', '--html', '/dev/shm/never.html'],
    ],
  ])('%s is missing', async (_, damage, [name = '', ...args]) => {
    const { folder, options } = copy()
    damage(folder)
    const { code, stderr } = await runBin(name, args, { ...options, cwd: folder })
    expect(stderr).toMatch(/^error: .*\(unreadable\)\n {2}install p2p-secure-chat \S+ again\n$/)
    expect(code).toBe(1)
  })

  const fake = (property: string, value: string) => [
    '--import',
    `data:text/javascript,Object.defineProperty(process, '${property}', { value: ${encodeURIComponent(value)} })`,
  ]

  test('a Node.js that is too old', async () => {
    const { code, stderr } = await ended('chat-client', ['--help'], {
      nodeArgs: fake('versions', "{ node: '18.20.4' }"),
    })
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('Node.js 18.20.4 is too old (node-version)'),
    })
  })

  test('an unknown platform is no reason to fail', async () => {
    const { code, stdout } = await ended('chat-lab', ['read', join(installed.folder, 'captures', 'Task1.pcap')], {
      nodeArgs: fake('platform', "'haiku'"),
    })
    expect({ code, isRead: stdout.includes('HELLO') }).toEqual({ code: 0, isRead: true })
  })
})
