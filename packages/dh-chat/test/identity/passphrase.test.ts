import { createPrivateKey } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { publicKeyToBytes } from '../../src/identity/ed25519-key.ts'
import { formatIdentityPem, parseIdentityPem } from '../../src/identity/identity-pem.ts'
import { newPassphrase, passphraseForms, readPassphraseFile } from '../../src/identity/passphrase.ts'
import { temporaryFolder } from '../support/chat-testbed.ts'

/** The same letters as keyboards and programs of other systems write them. */
const COMPOSED = 'Gr\u00fc\u00dfe an Zo\u00eb'
const DECOMPOSED = 'Gru\u0308\u00dfe an Zoe\u0308'
const MIXED = 'Gru\u0308\u00dfe an Zo\u00eb'

/** The first key of RFC 8032, section 7.1, as OpenSSL 3.0 encrypts it under bytes that it takes from a file as they are. */
const PUBLIC_KEY = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'
const UNDER_DECOMPOSED = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgNcg2DAMQvvAICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEOK1YxYHzCpKdhCL9lMNpOEEQNFS
oM99+XwkJ58A1H6wt346HdFbF4mIYiYzHlgoS1DaXEERiFfC7Nz4kRGyzRUbV0id
LcID66l8IE9MAetMRgg=
-----END ENCRYPTED PRIVATE KEY-----
`
const UNDER_COMPOSED = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiAIxD43i3oqAICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEGm6u5jJXsH3hrXgtmaz3hcEQP4c
OVaZv+HfoBwgSsC0RCjzPptri+oRMBlommm13MUc0KWebOE7sF96y2TpNZK+vapL
mi1SPXLRXJomASQxAhI=
-----END ENCRYPTED PRIVATE KEY-----
`
/** Under `caf\xe9` in Latin-1, which is not UTF-8. */
const UNDER_LATIN1 = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAj96mrMlFNqeAICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEFAIwg4EC0mNQpz44eGHJJUEQLuH
lKwrPVDrHHxiTe02IcCnsW/CwHua63bpTKtZgVa5DUmr0EEvvu+PVOo+R+TiW3og
T+aJjc5RCiYmApBeXo4=
-----END ENCRYPTED PRIVATE KEY-----
`

const utf8 = (text: string) => Uint8Array.from(Buffer.from(text))
const latin1 = Uint8Array.from(Buffer.from('caf\u00e9', 'latin1'))
const forms = (bytes: Uint8Array) => passphraseForms(bytes).map(String)

function publicKeyOf(pem: string, passphrase: Uint8Array): string {
  const stored = parseIdentityPem(pem, 'key.pem')
  if (!stored.encrypted) throw new Error('not encrypted')
  return Buffer.from(publicKeyToBytes(stored.open(passphrase))).toString('hex')
}

test.each([
  ['decomposed', UNDER_DECOMPOSED],
  ['composed', UNDER_COMPOSED],
])('a key that OpenSSL encrypted under the %s letters opens, however they are typed', (_, pem) => {
  for (const typed of [COMPOSED, DECOMPOSED, MIXED]) expect(publicKeyOf(pem, utf8(typed))).toBe(PUBLIC_KEY)
  // Only the same letters are the same: neither compatible ones nor those of another case.
  for (const other of ['Gr\u00fcsse an Zo\u00eb', COMPOSED.toLowerCase(), `${COMPOSED} `]) {
    expect(() => publicKeyOf(pem, utf8(other))).toThrow(expect.objectContaining({ code: 'bad-passphrase' }))
  }
})

test('bytes that are not UTF-8 are a passphrase as they are', async () => {
  expect(publicKeyOf(UNDER_LATIN1, latin1)).toBe(PUBLIC_KEY)
  expect(passphraseForms(latin1)).toEqual([Buffer.from(latin1)])
  expect(newPassphrase(latin1)).toEqual(Buffer.from(latin1))
})

test('a new key is encrypted under the composed letters', async () => {
  const stored = parseIdentityPem(UNDER_LATIN1, 'key.pem')
  if (!stored.encrypted) throw new Error('not encrypted')
  const key = stored.open(latin1)
  const pem = await formatIdentityPem(key, utf8(DECOMPOSED))
  expect(createPrivateKey({ key: pem, passphrase: COMPOSED }).equals(key)).toBe(true)
})

test('no form is tried twice, what was typed first, and never more than three', () => {
  expect(forms(utf8('correct horse'))).toEqual(['correct horse'])
  expect(forms(utf8(COMPOSED))).toEqual([COMPOSED, DECOMPOSED])
  expect(forms(utf8(DECOMPOSED))).toEqual([DECOMPOSED, COMPOSED])
  expect(forms(utf8(MIXED))).toEqual([MIXED, COMPOSED, DECOMPOSED])
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), text => {
      const all = forms(utf8(text))
      expect(all[0]).toBe(Buffer.from(text).toString())
      expect(new Set(all).size).toBe(all.length)
      expect(all.length).toBeLessThanOrEqual(3)
      expect(all).toContain(newPassphrase(utf8(text)).toString())
    }),
  )
})

test('a form that node does not take is left out, and so is nothing else', () => {
  const syllables = '\uac01'.repeat(341)
  expect(forms(utf8(syllables))).toEqual([syllables])
  const decomposed = syllables.normalize('NFD')
  expect(forms(utf8(decomposed))).toEqual([syllables])
  expect(newPassphrase(utf8(decomposed)).toString()).toBe(syllables)
  for (const bad of ['', 'a'.repeat(1025)]) {
    for (const take of [newPassphrase, passphraseForms]) {
      expect(() => take(utf8(bad))).toThrow(expect.objectContaining({ code: 'bad-passphrase' }))
    }
  }
})

test.each([
  ['a line', 'secret\n', 'secret'],
  ['a line without an end', 'secret', 'secret'],
  ['a line of Windows', 'secret\r\n', 'secret'],
  ['more lines', 'secret\nsecond\n', 'secret'],
  ['a byte order mark', '\ufeffsecret\r\n', 'secret'],
  ['a byte order mark alone', '\ufeff', ''],
  ['a second mark, which is a part of it', '\ufeff\ufeffsecret\n', '\ufeffsecret'],
  ['blanks, which are a part of it', ' secret \t\n', ' secret \t'],
  ['an empty line', '\nsecret\n', ''],
  ['nothing', '', ''],
])('of a file with %s the first line is the passphrase', async (_, content, passphrase) => {
  const file = join(temporaryFolder(), 'passphrase')
  writeFileSync(file, content)
  expect(Buffer.from(await readPassphraseFile(file)).toString()).toBe(passphrase)
})

test('a file of other bytes is taken as it is, one in UTF-16 is refused', async () => {
  const file = join(temporaryFolder(), 'passphrase')
  for (const bytes of [latin1, Uint8Array.of(0xff, 0xfe, 0xfd), Uint8Array.of(0xef, 0xbb, 0x41)]) {
    writeFileSync(file, bytes)
    expect(Buffer.from(await readPassphraseFile(file))).toEqual(Buffer.from(bytes))
  }
  for (const text of [Buffer.from('\ufeffsecret\r\n', 'utf16le'), Buffer.from('\ufeffsecret\n', 'utf16le').swap16()]) {
    writeFileSync(file, text)
    await expect(readPassphraseFile(file)).rejects.toMatchObject({
      code: 'bad-passphrase',
      message: `${file} is in UTF-16`,
      hint: expect.stringContaining('UTF-8'),
    })
  }
})
