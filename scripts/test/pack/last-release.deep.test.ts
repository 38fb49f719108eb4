import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Bin, startBin } from '../../../packages/core/test/support/process.ts'
import { folderOfFile, ROOT, run } from './support/installed-package.ts'

/** The commit of version 0.1.0, of which there is no package: it is built from its sources. */
const LAST_RELEASE = '1b379b5'

/** Says aloud why the test is skipped where it cannot be played. */
function hasLastRelease(): boolean {
  try {
    execFileSync('git', ['cat-file', '-e', `${LAST_RELEASE}^{commit}`], { cwd: ROOT, stdio: 'ignore' })
    return true
  } catch {
    process.stderr.write(
      `skipped: this clone does not have ${LAST_RELEASE}, the commit of the last release (shallow?)\n`,
    )
    return false
  }
}

/** The folder of packages of each release. */
const packages: { old?: string; now: string } = { now: join(ROOT, 'packages') }

type Release = 'old' | 'now'

const start = (release: Release, name: string, args: readonly string[], cwd?: string): Bin =>
  startBin(name, args, { packages: packages[release] ?? '', ...(cwd === undefined ? {} : { cwd }) })

describe.skipIf(!hasLastRelease())('with version 0.1.0', () => {
  beforeAll(async () => {
    const folder = join(folderOfFile(), 'last-release')
    await run('git', ['clone', '--quiet', '--no-checkout', '--shared', ROOT, folder])
    await run('git', ['checkout', '--quiet', LAST_RELEASE], { cwd: folder })
    await run(process.execPath, ['scripts/setup.mjs'], { cwd: folder })
    packages.old = join(folder, 'packages')
  })

  test.each<{ directory: Release; caller: Release; callee: Release }>([
    { directory: 'old', caller: 'now', callee: 'old' },
    { directory: 'now', caller: 'old', callee: 'now' },
  ])('$caller calls $callee over a directory that is $directory, and sends a file', async releases => {
    const home = folderOfFile()
    const { port } = await start(releases.directory, 'chat-server', ['--port', '0']).listening()
    const common = ['--directory', `127.0.0.1:${port}`, '--home', home]
    const hash = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

    // The second time each finds what the first wrote on the disk: identities and known peers.
    for (const identity of ['new', 'known']) {
      const [from, to] = [folderOfFile(), folderOfFile()]
      writeFileSync(join(from, 'photo.jpg'), Buffer.alloc(300_000, identity))
      const flags = ['--name', 'bob', '--accept', 'all', '--accept-files', to, '--once', '--json']
      const bob = start(releases.callee, 'chat-client', [...common, ...flags], to)
      expect(await bob.line()).toContain('"event":"ready"')
      const alice = start(releases.caller, 'chat-client', [...common, '--name', 'alice', '--to', 'bob', '--json'], from)
      alice.write('hello bob\n/send photo.jpg\n')
      alice.end()
      const called = await alice.ended()
      expect({ code: called.code, stderr: called.stderr.includes('error') }).toEqual({ code: 0, stderr: false })
      const opened = called.stdout.split('\n').find(line => line.includes('"event":"open"')) ?? '{}'
      expect(JSON.parse(opened)).toMatchObject({ peer: 'bob', identity, confidential: true, integrity: true })
      const { code, stdout } = await bob.ended()
      expect({ code, heard: stdout.includes('"text":"hello bob"') }).toEqual({ code: 0, heard: true })
      expect(hash(join(to, 'photo.jpg'))).toBe(hash(join(from, 'photo.jpg')))
    }
  })
})
