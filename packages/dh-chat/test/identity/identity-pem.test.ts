import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { formatIdentityPem, type LockedIdentity, parseIdentityPem } from '../../src/identity/identity-pem.ts'
import { person, seedOf } from '../support/people.ts'
import { publicKeyToBytes } from '../../src/identity/ed25519-key.ts'

const { privateKey } = generateKeyPairSync('ed25519')
const pkcs8 = { format: 'pem', type: 'pkcs8' } as const
const secret = (text: string) => Uint8Array.from(Buffer.from(text))
const badIdentity = (reason: string) =>
  expect.objectContaining({ code: 'bad-identity', message: expect.stringMatching(`^backup.pem holds .*${reason}`) })

const parse = (text: string) => parseIdentityPem(text, 'backup.pem')

function locked(text: string): LockedIdentity {
  const stored = parse(text)
  if (!stored.encrypted) throw new Error('not encrypted')
  return stored
}

test('an unencrypted key comes back, with the bytes that node writes', async () => {
  const pem = await formatIdentityPem(privateKey, null)
  expect(pem).toBe(privateKey.export(pkcs8))
  const stored = parse(pem)
  expect(stored).toMatchObject({ encrypted: false, pem })
  expect(!stored.encrypted && stored.key.equals(privateKey)).toBe(true)
})

test('an encrypted key comes back with its passphrase alone, for us and for node', async () => {
  const pem = await formatIdentityPem(privateKey, secret('correct horse'))
  const stored = locked(pem)
  expect(stored).toMatchObject({ pem, rounds: 600_000 })
  expect(stored.open(secret('correct horse')).equals(privateKey)).toBe(true)
  expect(createPrivateKey({ key: pem, passphrase: 'correct horse' }).equals(privateKey)).toBe(true)
  for (const wrong of ['correct hors', 'correct horse ', '', 'a'.repeat(1025)]) {
    expect(() => stored.open(secret(wrong))).toThrow(expect.objectContaining({ code: 'bad-passphrase' }))
  }
})

test('a key that node encrypted by itself, with its 2,048 rounds, still opens', () => {
  const stored = locked(privateKey.export({ ...pkcs8, cipher: 'aes-256-cbc', passphrase: 'old' }).toString())
  expect(stored.rounds).toBe(2048)
  expect(stored.open(secret('old')).equals(privateKey)).toBe(true)
})

test('text around the block, and lines that end as on Windows, are read over', async () => {
  const pem = await formatIdentityPem(privateKey, null)
  const stored = parse(`Bag Attributes\n  friendlyName: alice\n${pem}and more`.replaceAll('\n', '\r\n'))
  expect(stored.pem).toBe(pem)
})

test('a key is the one of its seed, and its public half is derived, not believed', () => {
  // OneAsymmetricKey (RFC 5958) may name a public key; here it is that of somebody else.
  const der = Buffer.concat([
    Buffer.from('3051020101300506032b657004220420', 'hex'),
    seedOf('alice'),
    Buffer.from('812100', 'hex'),
    person('mallory').key,
  ])
  const pem = `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`
  const read = () => {
    const stored = parse(pem)
    return stored.encrypted ? null : publicKeyToBytes(stored.key)
  }
  let key: Uint8Array | null
  try {
    key = read()
  } catch (error) {
    // Some versions of OpenSSL refuse it, which is as good.
    expect(error).toEqual(badIdentity(''))
    return
  }
  expect(key).toEqual(person('alice').key)
})

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })

test.each([
  ['nothing', '', 'no -----BEGIN'],
  ['garbage', 'hello\n', 'no -----BEGIN'],
  ['an RSA key', rsa.privateKey.export(pkcs8), 'type rsa, not Ed25519'],
  ['an RSA key of the old kind', rsa.privateKey.export({ format: 'pem', type: 'pkcs1' }), 'RSA PRIVATE KEY'],
  ['a public key', rsa.publicKey.export({ format: 'pem', type: 'spki' }), 'PUBLIC KEY, not PRIVATE KEY'],
  ['two keys', privateKey.export(pkcs8).toString().repeat(2), 'more than one'],
  ['bytes that are no key', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', 'no usable'],
  ['no DER', '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n', 'not valid DER'],
])('%s is no identity', (_, text, reason) => {
  expect(() => parse(text.toString())).toThrow(badIdentity(reason))
})

test('an encrypted key of another kind shows as such once it is open', () => {
  const stored = locked(rsa.privateKey.export({ ...pkcs8, cipher: 'aes-256-cbc', passphrase: 'x' }).toString())
  expect(() => stored.open(secret('x'))).toThrow(badIdentity('type rsa, not Ed25519'))
})
