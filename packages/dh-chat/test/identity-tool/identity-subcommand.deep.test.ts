import { execFileSync, spawnSync } from 'node:child_process'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { hasMounts, runApart } from '../../../core/test/support/mounts.ts'
import { binPath, runBin } from '../../../core/test/support/process.ts'
import { hasTool } from '../../../core/test/support/tools.ts'
import { publicKeyToBytes } from '../../src/identity/ed25519-key.ts'
import { loadOrCreateIdentity } from '../../src/identity/identity-file.ts'
import { temporaryFolder } from '../support/chat-testbed.ts'

const pkcs8 = { format: 'pem', type: 'pkcs8' } as const

let folder: string
let home: string
let file: string
beforeEach(() => {
  folder = temporaryFolder()
  home = join(folder, 'home')
  file = join(home, 'alice', 'identity.pem')
})

/** Runs `identity` with these arguments, for alice unless they say otherwise. */
function identity(...args: readonly string[]) {
  return runBin('dh-chat-client', [
    'identity',
    ...args,
    '--home',
    home,
    ...(args.includes('--name') ? [] : ['--name', 'alice']),
  ])
}

/** What a command says that fails: its exit code and the first of its two lines. */
async function failure(...args: readonly string[]) {
  const { code, stdout, stderr } = await identity(...args)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/^error: .*\n {2}\S.*\n$/)
  return { code, error: stderr.split('\n', 1).join('') }
}

/** A file in the folder of the test, for its owner alone. */
function fileWith(name: string, content: string, mode = 0o600): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  chmodSync(path, mode)
  return path
}

const passphraseFile = (text: string) => fileWith(`passphrase ${text}`, `${text}\n`)
const makeAlice = (passphrase?: string) =>
  loadOrCreateIdentity({
    home,
    name: 'alice',
    passphrase: passphrase === undefined ? undefined : Buffer.from(passphrase),
  })

/** The public key in a PEM text. */
const keyIn = (pem: string, passphrase = '') => publicKeyToBytes(createPrivateKey({ key: pem, passphrase }))
const mode = (path: string) => statSync(path).mode & 0o777

describe('identity show', () => {
  test('tells all that is no secret, and needs no passphrase where there is none', async () => {
    const alice = await makeAlice()
    const { code, stdout, stderr } = await identity('show')
    expect([code, stderr]).toEqual([0, ''])
    const key = Buffer.from(alice.key).toString('base64url')
    expect(stdout).toMatch(/^name +alice$/m)
    expect(stdout).toContain(alice.fingerprint)
    expect(stdout).toContain(file)
    expect(stdout).toMatch(/^encrypted +no: anyone who reads the file can be alice$/m)
    expect(stdout).toMatch(new RegExp(`^public key +${key}$`, 'm'))
    expect(stdout).toMatch(/-----BEGIN PUBLIC KEY-----\n.*\n-----END PUBLIC KEY-----\n$/)
    expect(stdout).not.toContain('PRIVATE')

    const json = await identity('show', '--json')
    expect(json.stdout.split('\n')).toHaveLength(2)
    expect(JSON.parse(json.stdout)).toEqual({
      v: 1,
      event: 'identity',
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      name: 'alice',
      fingerprint: alice.fingerprint,
      file,
      encrypted: false,
      rounds: null,
      publicKey: key,
      publicKeyPem: expect.stringContaining('BEGIN PUBLIC KEY'),
    })
  })

  test('an encrypted one needs its passphrase, which nothing but a file can give here', async () => {
    const alice = await makeAlice('secret')
    expect(await failure('show')).toEqual({
      code: 2,
      error: 'error: the key is encrypted: name its passphrase with --passphrase-file (usage)',
    })
    const { stdout } = await identity('show', '--json', '--passphrase-file', passphraseFile('secret'))
    expect(JSON.parse(stdout)).toMatchObject({ fingerprint: alice.fingerprint, encrypted: true, rounds: 600_000 })
    expect(await failure('show', '--passphrase-file', passphraseFile('wrong'))).toEqual({
      code: 1,
      error: expect.stringContaining('(bad-passphrase)'),
    })
    expect(await failure('show', '--passphrase-file', join(folder, 'missing'))).toEqual({
      code: 1,
      error: expect.stringContaining('(unreadable)'),
    })
  })

  test('an old one is said to be weak', async () => {
    await makeAlice()
    const key = createPrivateKey(readFileSync(file))
    writeFileSync(file, key.export({ ...pkcs8, cipher: 'aes-256-cbc', passphrase: 'old' }))
    const { stdout } = await identity('show', '--passphrase-file', passphraseFile('old'))
    expect(stdout).toMatch(
      /^encrypted +yes, but weakly: 2,048 rounds of PBKDF2; identity passphrase raises it to 600,000$/m,
    )
  })

  test('none is made: a name without one is an error, and so is a file that is none', async () => {
    expect((await failure('show')).error).toMatch(/alice has no identity: .*\(unreadable\)/)
    expect((await failure('show', '--name', '../alice')).error).toMatch(/\(bad-name\)/)
    expect(existsSync(home)).toBe(false)
    mkdirSync(join(home, 'alice'), { recursive: true })
    writeFileSync(file, 'hello\n', { mode: 0o600 })
    expect((await failure('show')).error).toMatch(/\(bad-identity\)/)
    chmodSync(file, 0o644)
    expect((await failure('show')).error).toMatch(/other users can read .* \(bad-identity\)/)
  })
})

describe('identity export', () => {
  test('writes the key to stdout, and says aloud that it is not encrypted', async () => {
    const alice = await makeAlice()
    const { code, stdout, stderr } = await identity('export')
    expect(code).toBe(0)
    expect(keyIn(stdout)).toEqual(alice.key)
    expect(stdout).toBe(readFileSync(file, 'latin1'))
    expect(stderr).toBe('note: this is the key of alice, not encrypted: anyone who reads it can be alice\n')
  })

  test('writes a file for its owner alone, which is never one that is there', async () => {
    const alice = await makeAlice()
    const out = join(folder, 'backup.pem')
    const { code, stdout } = await identity('export', '--out', out)
    expect([code, stdout, mode(out)]).toEqual([0, '', 0o600])
    expect(keyIn(readFileSync(out, 'latin1'))).toEqual(alice.key)
    for (const there of [fileWith('mine.txt', 'precious'), folder, '/dev/full']) {
      expect((await failure('export', '--out', there)).error).toMatch(/already exists \(unwritable\)$/)
    }
    expect(readFileSync(join(folder, 'mine.txt'), 'utf8')).toBe('precious')
    expect((await failure('export', '--out', join(folder, 'mine.txt', 'x.pem'))).error).toMatch(/\(unwritable\)$/)
  })

  test('an encrypted key stays encrypted without its passphrase, or gets another one with it', async () => {
    const alice = await makeAlice('secret')
    const same = await identity('export')
    expect(same.stdout).toBe(readFileSync(file, 'latin1'))
    expect(same.stderr).toBe('note: this is the key of alice, encrypted as it is here\n')
    const fresh = ['--new-passphrase-file', passphraseFile('other')]
    expect(await failure('export', ...fresh)).toEqual({ code: 2, error: expect.stringContaining('--passphrase-file') })
    const other = await identity('export', ...fresh, '--passphrase-file', passphraseFile('secret'))
    expect(keyIn(other.stdout, 'other')).toEqual(alice.key)
    const none = await identity(
      'export',
      '--new-passphrase-file',
      fileWith('empty', ''),
      '--passphrase-file',
      passphraseFile('secret'),
    )
    expect(keyIn(none.stdout)).toEqual(alice.key)
    expect(none.stderr).toContain('not encrypted')
    expect(keyIn(readFileSync(file, 'latin1'), 'secret')).toEqual(alice.key)
  })

  test('a full disk is one error', async () => {
    await makeAlice()
    const { stderr } = spawnSync(
      'sh',
      [
        '-c',
        `"$@" > /dev/full; echo "exit $?" >&2`,
        'sh',
        process.execPath,
        binPath('dh-chat-client'),
        'identity',
        'export',
        '--name',
        'alice',
        '--home',
        home,
      ],
      { encoding: 'utf8' },
    )
    expect(stderr).toMatch(/error: cannot write the output: no space left on device \(unwritable\)\n {2}.+\nexit 1\n$/)
  })
})

describe('identity import', () => {
  test('takes a backup as the identity of a name, for its owner alone', async () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const backup = fileWith('backup.pem', privateKey.export(pkcs8).toString())
    const { code, stdout, stderr } = await identity('import', backup)
    expect([code, stdout]).toEqual([0, ''])
    const alice = await makeAlice()
    expect(alice).toMatchObject({ created: false, encrypted: false, key: publicKeyToBytes(privateKey) })
    expect(stderr).toBe(
      `note: imported the key of alice, not encrypted: anyone with its file can be alice\nnote: fingerprint ${alice.fingerprint}\n`,
    )
    expect([mode(file), mode(join(home, 'alice'))]).toEqual([0o600, 0o700])
    expect(readdirSync(join(home, 'alice'))).toEqual(['identity.pem'])
  })

  test('an encrypted backup keeps its passphrase, and 2,048 rounds become 600,000', async () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const old = privateKey.export({ ...pkcs8, cipher: 'aes-256-cbc', passphrase: 'secret' }).toString()
    const backup = fileWith('backup.pem', old)
    expect(await failure('import', backup)).toEqual({ code: 2, error: expect.stringContaining('--passphrase-file') })
    expect((await failure('import', backup, '--passphrase-file', passphraseFile('wrong'))).error).toContain(
      'bad-passphrase',
    )
    expect(existsSync(home)).toBe(false)
    const { code } = await identity('import', backup, '--passphrase-file', passphraseFile('secret'))
    expect(code).toBe(0)
    const shown = await identity('show', '--json', '--passphrase-file', passphraseFile('secret'))
    expect(JSON.parse(shown.stdout)).toMatchObject({ encrypted: true, rounds: 600_000 })
  })

  test('the passphrase may be another one from then on, given for a key that had none, or none', async () => {
    const pem = generateKeyPairSync('ed25519').privateKey.export(pkcs8).toString()
    const plain = fileWith('plain.pem', pem)
    await identity('import', plain, '--name', 'bob', '--passphrase-file', passphraseFile('one'))
    await identity('import', plain, '--name', 'carol', '--new-passphrase-file', passphraseFile('two'))
    const bob = readFileSync(join(home, 'bob', 'identity.pem'), 'latin1')
    expect(keyIn(bob, 'one')).toEqual(keyIn(pem))
    expect(keyIn(readFileSync(join(home, 'carol', 'identity.pem'), 'latin1'), 'two')).toEqual(keyIn(pem))
    const backup = fileWith('bob.pem', bob)
    const empty = ['--passphrase-file', passphraseFile('one'), '--new-passphrase-file', fileWith('empty', '\n')]
    expect((await identity('import', backup, ...empty)).stderr).toContain('not encrypted')
    expect(keyIn(readFileSync(file, 'latin1'))).toEqual(keyIn(pem))
  })

  test('reads stdin', async () => {
    const pem = generateKeyPairSync('ed25519').privateKey.export(pkcs8).toString()
    const args = ['identity', 'import', '-', '--name', 'alice', '--home', home]
    expect((await runBin('dh-chat-client', args, { input: pem })).code).toBe(0)
    expect(keyIn(readFileSync(file, 'latin1'))).toEqual(keyIn(pem))
    const empty = await runBin('dh-chat-client', [...args, '--name', 'bob'])
    expect(empty.stderr).toMatch(/^error: stdin holds no usable private key.*\(bad-identity\)/)
  })

  test('never replaces an identity, and says what to do', async () => {
    await makeAlice()
    const before = readFileSync(file, 'latin1')
    const backup = fileWith('backup.pem', generateKeyPairSync('ed25519').privateKey.export(pkcs8).toString())
    const { code, stderr } = await identity('import', backup)
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^error: alice already has an identity, which is never replaced: .*\(unwritable\)\n {2}import under another --name/,
    )
    expect(readFileSync(file, 'latin1')).toBe(before)
    renameSync(file, `${file}.old`)
    symlinkSync(join(folder, 'nowhere'), file)
    expect((await failure('import', backup)).error).toContain('already has an identity')
    expect(readdirSync(join(home, 'alice')).toSorted()).toEqual(['identity.pem', 'identity.pem.old'])
  })

  test.each([
    ['a missing file', () => join(folder, 'missing.pem'), 'unreadable'],
    ['a folder', () => folder, 'unreadable'],
    ['garbage', () => fileWith('garbage.pem', 'garbage\u0007\n'), 'bad-identity'],
    ['an endless file', () => '/dev/zero', 'bad-identity'],
    [
      'an RSA key',
      () =>
        fileWith('rsa.pem', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(pkcs8).toString()),
      'bad-identity',
    ],
    [
      'a public key',
      () =>
        fileWith(
          'public.pem',
          generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' }).toString(),
        ),
      'bad-identity',
    ],
  ])('%s is refused, and nothing is left behind', async (_, source, code) => {
    expect((await failure('import', source())).error).toMatch(new RegExp(`\\(${code}\\)$`))
    expect(existsSync(home)).toBe(false)
  })

  test('a home that can not be made is one error; a backup that others may read is a remark', async () => {
    const pem = generateKeyPairSync('ed25519').privateKey.export(pkcs8).toString()
    const backup = fileWith('backup.pem', pem, 0o644)
    writeFileSync(home, '')
    expect((await failure('import', backup)).error).toMatch(/\(unwritable\)$/)
    home = join(folder, 'other')
    expect((await identity('import', backup)).stderr).toContain(`other users can read ${backup}`)
  })
})

describe('identity passphrase', () => {
  test('sets one, changes it and removes it; the key stays the same', async () => {
    const { key } = await makeAlice()
    const set = await identity('passphrase', '--new-passphrase-file', passphraseFile('one'))
    expect([set.code, set.stdout, set.stderr]).toEqual([
      0,
      '',
      'note: the key of alice is encrypted with the new passphrase\n',
    ])
    expect(keyIn(readFileSync(file, 'latin1'), 'one')).toEqual(key)

    const one = ['--passphrase-file', passphraseFile('one')]
    const changed = await identity('passphrase', ...one, '--new-passphrase-file', passphraseFile('two'))
    expect(changed.stderr).toContain('earlier copies still open with the old passphrase')
    expect(keyIn(readFileSync(file, 'latin1'), 'two')).toEqual(key)
    expect((await failure('passphrase', ...one, '--new-passphrase-file', passphraseFile('three'))).error).toContain(
      '(bad-passphrase)',
    )

    const two = ['--passphrase-file', passphraseFile('two')]
    const removed = await identity('passphrase', ...two, '--new-passphrase-file', fileWith('empty', ''))
    expect(removed.stderr).toContain(`the key of alice is no longer encrypted: anyone who reads ${file} can be alice`)
    expect(keyIn(readFileSync(file, 'latin1'))).toEqual(key)
    expect(mode(file)).toBe(0o600)
    expect(readdirSync(join(home, 'alice'))).toEqual(['identity.pem'])
  })

  test('what is missing is named, and nothing changes', async () => {
    await makeAlice('secret')
    const before = readFileSync(file, 'latin1')
    const fresh = ['--new-passphrase-file', passphraseFile('new')]
    expect(await failure('passphrase')).toEqual({ code: 2, error: expect.stringContaining('--new-passphrase-file') })
    expect(await failure('passphrase', ...fresh)).toEqual({
      code: 2,
      error: expect.stringContaining('--passphrase-file'),
    })
    const long = [
      '--passphrase-file',
      passphraseFile('secret'),
      '--new-passphrase-file',
      fileWith('long', 'a'.repeat(1025)),
    ]
    expect((await failure('passphrase', ...long)).error).toContain('(bad-passphrase)')
    expect(readFileSync(file, 'latin1')).toBe(before)
  })

  test('a link to another place stays one', async () => {
    const { key } = await makeAlice()
    const vault = join(folder, 'vault.pem')
    renameSync(file, vault)
    symlinkSync(vault, file)
    expect((await identity('passphrase', '--new-passphrase-file', passphraseFile('one'))).code).toBe(0)
    expect(lstatSync(file).isSymbolicLink()).toBe(true)
    expect(keyIn(readFileSync(vault, 'latin1'), 'one')).toEqual(key)
  })
})

test.skipIf(!hasMounts())('on a full disk a changed passphrase and an import leave everything as it was', async () => {
  const { key } = await makeAlice()
  const backup = fileWith('backup.pem', readFileSync(file, 'latin1'))
  const disk = join(folder, 'disk')
  mkdirSync(disk)
  const client = `"${process.execPath}" "${binPath('dh-chat-client')}" identity`
  const script = `
    mount -t tmpfs -o size=64k x "${disk}" && cp -a "${home}/." "${disk}" && cat /dev/zero > "${disk}/filler" 2>/dev/null
    ${client} passphrase --name alice --home "${disk}" --new-passphrase-file "${passphraseFile('one')}"; echo "exit $?"
    ${client} import "${backup}" --name bob --home "${disk}"; echo "exit $?"
    cat "${disk}/alice/identity.pem"; ls -A "${disk}/alice" "${disk}/bob"`
  const { stdout, stderr } = runApart(script)
  expect(stderr.match(/^error: .*no space left on device \(disk-full\)$/gm)).toHaveLength(2)
  const [changed, imported, ...rest] = stdout.split('\n')
  expect([changed, imported]).toEqual(['exit 1', 'exit 1'])
  expect(keyIn(rest.join('\n'))).toEqual(key)
  expect(rest.filter(line => line.startsWith('identity.pem'))).toEqual(['identity.pem'])
})

describe.skipIf(!hasTool('openssl'))('openssl', () => {
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] }).toString()

  test('reads an exported key, plain and encrypted, and what it makes is imported', async () => {
    const generated = join(folder, 'generated.pem')
    openssl('genpkey', '-algorithm', 'ed25519', '-out', generated)
    const encrypted = join(folder, 'encrypted.pem')
    openssl('pkcs8', '-topk8', '-in', generated, '-out', encrypted, '-passout', 'pass:secret', '-iter', '10000')
    const key = keyIn(readFileSync(generated, 'latin1'))
    await identity('import', generated)
    await identity('import', encrypted, '--name', 'bob', '--passphrase-file', passphraseFile('secret'))
    for (const [name, passphrase] of [
      ['alice', ''],
      ['bob', 'secret'],
    ] as const) {
      const out = join(folder, `${name}.pem`)
      expect((await identity('export', '--name', name, '--out', out)).code).toBe(0)
      expect(keyIn(openssl('pkey', '-in', out, '-passin', `pass:${passphrase}`))).toEqual(key)
    }
  })
})

test('wrong usage is named, and the chat knows nothing of keys on the basic rung', async () => {
  const usage = async (...args: readonly string[]) => {
    const { code, stderr } = await runBin('dh-chat-client', args)
    return [code, stderr.split('\n', 1).join('')]
  }
  expect(await usage('identity')).toEqual([
    2,
    'error: identity needs one of: list, show, export, import, passphrase (usage)',
  ])
  expect(await usage('identity', 'lost')).toEqual([2, expect.stringContaining('not lost (usage)')])
  expect(await usage('identity', 'show', '--home', temporaryFolder())).toEqual([
    2,
    'error: whose identity? name it with --name (usage)',
  ])
  expect(await usage('identity', 'import')).toEqual([2, expect.stringContaining("'file'")])
  expect(await usage('identity', 'show', 'x')).toEqual([2, expect.stringContaining('too many arguments')])
  expect(await usage('identity', 'show', '--passphrase', 'secret')).toEqual([
    2,
    expect.stringContaining('--passphrase'),
  ])
  expect(await usage('identity', 'show', '--to', 'bob')).toEqual([2, 'error: identity show does not take --to (usage)'])
  expect(await usage('--once', 'identity', 'export')).toEqual([
    2,
    'error: identity export does not take --once (usage)',
  ])
  expect((await runBin('basic-chat-client', ['identity', 'show', '--name', 'alice'])).code).toBe(2)
  expect((await runBin('chat-client', ['--help'])).stdout).toMatch(/^ {2}identity /m)
})
