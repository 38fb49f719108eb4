import { execFileSync } from 'node:child_process'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hasTool } from '../../../core/test/support/tools.ts'
import { publicKeyToBytes, verify } from '../../src/identity/ed25519-key.ts'
import { loadOrCreateIdentity } from '../../src/identity/identity-file.ts'

const code = (name: string) => expect.objectContaining({ code: name })
const mode = (path: string) => statSync(path).mode & 0o777
const secret = (text: string) => Uint8Array.from(Buffer.from(text))

let home: string
let file: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'identity-'))
  file = join(home, 'alice', 'identity.pem')
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

/** Puts something else where the identity is looked for. */
function putFile(content: string | Uint8Array, mode = 0o600): void {
  mkdirSync(join(home, 'alice'), { recursive: true })
  writeFileSync(file, content)
  chmodSync(file, mode)
}

describe('an identity', () => {
  test('is made once and then found again', async () => {
    const first = await loadOrCreateIdentity({ home, name: 'alice' })
    expect(first).toMatchObject({ name: 'alice', created: true, encrypted: false })
    const second = await loadOrCreateIdentity({ home, name: 'alice' })
    expect(second).toMatchObject({ key: first.key, fingerprint: first.fingerprint, created: false, encrypted: false })
    expect(verify(first.key, Buffer.from('hello'), second.sign(Buffer.from('hello')))).toBe(true)
    expect((await loadOrCreateIdentity({ home, name: 'bob' })).key).not.toEqual(first.key)
  })

  test('is for its owner alone', async () => {
    const nested = join(home, 'not', 'there', 'yet')
    await loadOrCreateIdentity({ home: nested, name: 'alice' })
    expect(mode(join(nested, 'alice', 'identity.pem'))).toBe(0o600)
    expect(mode(join(nested, 'alice'))).toBe(0o700)
    expect(mode(nested)).toBe(0o700)
    expect(readdirSync(join(nested, 'alice'))).toEqual(['identity.pem'])
  })

  test('that two programs make at once is the same for both', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => loadOrCreateIdentity({ home, name: 'alice' })))
    expect(new Set(all.map(({ fingerprint }) => fingerprint)).size).toBe(1)
    expect(all.filter(({ created }) => created)).toHaveLength(1)
    expect(readdirSync(join(home, 'alice'))).toEqual(['identity.pem'])
  })

  test.each(['', 'Alice', '../alice', 'a/b', '.', 'a'.repeat(33)])('is never looked for under %j', async name => {
    await expect(loadOrCreateIdentity({ home, name })).rejects.toEqual(code('bad-name'))
    expect(readdirSync(home)).toEqual([])
  })
})

describe('a passphrase', () => {
  test('encrypts a new identity and opens it again; its bytes are zeroed', async () => {
    const passphrase = secret('correct horse')
    const made = await loadOrCreateIdentity({ home, name: 'alice', passphrase })
    expect(made).toMatchObject({ created: true, encrypted: true })
    expect(passphrase.every(byte => byte === 0)).toBe(true)
    expect(readFileSync(file, 'latin1')).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/)
    const opened = await loadOrCreateIdentity({ home, name: 'alice', passphrase: secret('correct horse') })
    expect(opened).toMatchObject({ key: made.key, created: false, encrypted: true })
  })

  test('can be asked for, to create and to unlock', async () => {
    const asked: string[] = []
    const askPassphrase = async (purpose: string) => {
      asked.push(purpose)
      return 'grüße'
    }
    const made = await loadOrCreateIdentity({ home, name: 'alice', askPassphrase })
    const opened = await loadOrCreateIdentity({ home, name: 'alice', askPassphrase })
    expect(opened).toMatchObject({ key: made.key, encrypted: true })
    expect(asked).toEqual(['create', 'unlock'])
  })

  test('that is empty when asked for leaves a new identity unencrypted', async () => {
    const made = await loadOrCreateIdentity({ home, name: 'alice', askPassphrase: async () => '' })
    expect(made.encrypted).toBe(false)
  })

  test('is not asked for where there is nothing to unlock', async () => {
    await loadOrCreateIdentity({ home, name: 'alice' })
    const askPassphrase = () => expect.fail('asked')
    expect(await loadOrCreateIdentity({ home, name: 'alice', askPassphrase })).toMatchObject({ encrypted: false })
  })

  test('that is wrong or missing opens nothing; it is zeroed all the same', async () => {
    await loadOrCreateIdentity({ home, name: 'alice', passphrase: secret('right') })
    const wrong = secret('wrong')
    await expect(loadOrCreateIdentity({ home, name: 'alice', passphrase: wrong })).rejects.toEqual(
      code('bad-passphrase'),
    )
    expect(wrong.every(byte => byte === 0)).toBe(true)
    await expect(loadOrCreateIdentity({ home, name: 'alice' })).rejects.toEqual(code('bad-passphrase'))
    const askPassphrase = async () => ''
    await expect(loadOrCreateIdentity({ home, name: 'alice', askPassphrase })).rejects.toEqual(code('bad-passphrase'))
  })

  test.each([0, 1025])('of %d bytes is refused, and no identity is made', async length => {
    const passphrase = new Uint8Array(length).fill(0x61)
    await expect(loadOrCreateIdentity({ home, name: 'alice', passphrase })).rejects.toEqual(code('bad-passphrase'))
    expect(readdirSync(home)).toEqual([])
  })
})

describe('what is no identity', () => {
  const pem = { format: 'pem', type: 'pkcs8' } as const

  test.each([
    ['an empty file', ''],
    ['a text', 'hello\n'],
    ['half a key', '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2V'],
    ['a key of another kind', generateKeyPairSync('ed448').privateKey.export(pem)],
    ['a key of no signature', generateKeyPairSync('x25519').privateKey.export(pem)],
    ['a public key', generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' })],
  ])('%s is refused and left alone', async (_, content) => {
    putFile(content)
    await expect(loadOrCreateIdentity({ home, name: 'alice' })).rejects.toEqual(code('bad-identity'))
    expect(readFileSync(file, 'latin1')).toBe(content)
  })

  test.each([0o644, 0o640, 0o602, 0o610])(
    'a file of mode %o is refused, as ssh does, with the way to mend it',
    async mode => {
      await loadOrCreateIdentity({ home, name: 'alice' })
      chmodSync(file, mode)
      await expect(loadOrCreateIdentity({ home, name: 'alice' })).rejects.toMatchObject({
        code: 'bad-identity',
        message: `other users can read ${file}`,
        hint: expect.stringContaining(`chmod 600 ${file}`),
      })
      chmodSync(file, 0o400)
      expect(await loadOrCreateIdentity({ home, name: 'alice' })).toMatchObject({ created: false })
    },
  )

  test('a folder in its place is unreadable, a home under a file unwritable', async () => {
    mkdirSync(file, { recursive: true, mode: 0o700 })
    chmodSync(file, 0o700)
    await expect(loadOrCreateIdentity({ home, name: 'alice' })).rejects.toEqual(code('unreadable'))
    writeFileSync(join(home, 'plain'), '')
    await expect(loadOrCreateIdentity({ home: join(home, 'plain'), name: 'alice' })).rejects.toEqual(code('unwritable'))
    await expect(loadOrCreateIdentity({ home, name: 'plain' })).rejects.toEqual(code('unwritable'))
  })
})

describe.skipIf(!hasTool('openssl'))('openssl', () => {
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] }).toString()

  test('reads what we write', async () => {
    const { key } = await loadOrCreateIdentity({ home, name: 'alice' })
    const der = Buffer.from(openssl('pkey', '-in', file, '-pubout').replaceAll(/-----.*-----|\s/g, ''), 'base64')
    expect(Uint8Array.from(der.subarray(-32))).toEqual(key)
  })

  test('reads it encrypted, with PBKDF2 and AES-256-CBC', async () => {
    const { key } = await loadOrCreateIdentity({ home, name: 'alice', passphrase: secret('pass word') })
    const plain = openssl('pkey', '-in', file, '-passin', 'pass:pass word')
    expect(publicKeyToBytes(createPrivateKey(plain))).toEqual(key)
    const structure = openssl('asn1parse', '-in', file)
    expect(structure).toContain('PBKDF2')
    expect(structure).toContain('aes-256-cbc')
    expect(Number.parseInt(/INTEGER +:(\w+)$/m.exec(structure)?.[1] ?? '', 16)).toBe(600_000)
  })

  test('writes what we read, plain and encrypted', async () => {
    mkdirSync(join(home, 'alice'))
    openssl('genpkey', '-algorithm', 'ed25519', '-out', file)
    chmodSync(file, 0o600)
    const plain = await loadOrCreateIdentity({ home, name: 'alice' })
    openssl('pkcs8', '-topk8', '-in', file, '-out', `${file}.enc`, '-passout', 'pass:secret', '-iter', '10000')
    putFile(readFileSync(`${file}.enc`))
    const opened = await loadOrCreateIdentity({ home, name: 'alice', passphrase: secret('secret') })
    expect(opened).toMatchObject({ key: plain.key, encrypted: true, created: false })
  })
})
