import { createCipheriv, createDecipheriv } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { cbcDecryptor, cbcEncryptor, decryptCbc, encryptCbc } from '../../src/cipher/aes-cbc.ts'
import { fixedBytes } from '../support/fixed-bytes.ts'
import { wycheproof } from '../support/wycheproof.ts'

const hex = (text: string) => Buffer.from(text, 'hex')
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const badRecord = expect.objectContaining({ code: 'bad-record' })

const key = fixedBytes('key')(32)
const keys = fc.uint8Array({ minLength: 32, maxLength: 32 })
const blocks = fc.nat(40).chain(count => fc.uint8Array({ minLength: 16 * count, maxLength: 16 * count }))

interface CbcCase {
  readonly tcId: number
  readonly keySize: number
  readonly key: string
  readonly iv: string
  readonly msg: string
  readonly ct: string
  readonly result: 'valid' | 'invalid'
}

const cases = wycheproof<CbcCase>('aes_cbc_pkcs5_test.json').filter(({ keySize }) => keySize === 256)

/** One record by node alone, with the IV that stands in front of it. */
function plainlyDecrypted(key: Uint8Array, record: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-256-cbc', key, record.subarray(0, 16)).setAutoPadding(false)
  return Buffer.concat([decipher.update(record.subarray(16)), decipher.final()])
}

function plainlyEncrypted(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-cbc', key, iv).setAutoPadding(false)
  return Buffer.concat([iv, cipher.update(plaintext), cipher.final()])
}

test('CBC-AES256 of NIST SP 800-38A, F.2.5, with a block of padding behind it', () => {
  const standardKey = hex('603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4')
  const iv = hex('000102030405060708090a0b0c0d0e0f')
  const plaintext = hex('6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51')
  const ciphertext = encryptCbc(standardKey, iv, plaintext)
  expect(toHex(ciphertext.subarray(0, 32))).toBe('f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d')
  expect(ciphertext).toHaveLength(48)
  expect(toHex(decryptCbc(standardKey, iv, ciphertext))).toBe(toHex(plaintext))
})

test.skipIf(cases.length === 0)('AES-256-CBC with padding of Wycheproof (needs ../shared/vectors)', () => {
  for (const { tcId, key, iv, msg, ct, result } of cases) {
    const decrypt = () => decryptCbc(hex(key), hex(iv), hex(ct))
    if (result === 'valid') {
      expect(toHex(encryptCbc(hex(key), hex(iv), hex(msg))), `case ${tcId}`).toBe(ct)
      expect(toHex(decrypt()), `case ${tcId}`).toBe(msg)
    } else {
      expect(decrypt, `case ${tcId}`).toThrow(badRecord)
    }
  }
})

test.each([0, 1, 15, 17])('a ciphertext of %d bytes is a bad record', length => {
  expect(() => decryptCbc(key, new Uint8Array(16), new Uint8Array(length))).toThrow(badRecord)
})

test('a key or IV of another length is a programming mistake', () => {
  expect(() => encryptCbc(key.subarray(1), new Uint8Array(16), new Uint8Array())).toThrow(RangeError)
  expect(() => decryptCbc(key, new Uint8Array(15), new Uint8Array(16))).toThrow(TypeError)
})

test('what the long-lived encryptor sends is standard CBC under the IV on the wire', () => {
  fc.assert(
    fc.property(keys, fc.array(fc.array(blocks, { minLength: 1, maxLength: 3 }), { maxLength: 8 }), (key, records) => {
      const encryptor = cbcEncryptor(key)
      for (const parts of records) {
        const record = encryptor.encrypt(parts)
        expect(plainlyDecrypted(key, record)).toEqual(Buffer.concat(parts))
      }
    }),
  )
})

test('the long-lived decryptor reads standard CBC, whatever the IVs are', () => {
  const iv = fc.uint8Array({ minLength: 16, maxLength: 16 })
  fc.assert(
    fc.property(keys, fc.array(fc.tuple(iv, blocks), { maxLength: 8 }), (key, records) => {
      const decryptor = cbcDecryptor(key)
      for (const [iv, plaintext] of records) {
        expect(Buffer.from(decryptor.decrypt(plainlyEncrypted(key, iv, plaintext)))).toEqual(Buffer.from(plaintext))
      }
    }),
  )
})

test('the IV is the encryption of 16 fresh random bytes, chained to the block before', () => {
  const encryptor = cbcEncryptor(key, fixedBytes('blocks'))
  const random = fixedBytes('blocks')
  let chain = new Uint8Array(16)
  for (let i = 0; i < 3; i++) {
    const record = encryptor.encrypt([new Uint8Array(32)])
    expect(toHex(record.subarray(0, 16))).toBe(toHex(plainlyEncrypted(key, chain, random(16)).subarray(16)))
    chain = Uint8Array.from(record.subarray(-16))
  }
})

test('spare bytes change the length and nothing else', () => {
  const record = cbcEncryptor(key, fixedBytes('blocks')).encrypt([new Uint8Array(16).fill(1)])
  const spacious = cbcEncryptor(key, fixedBytes('blocks')).encrypt([new Uint8Array(16).fill(1)], 32)
  expect(spacious).toHaveLength(record.length + 32)
  expect(toHex(spacious.subarray(0, -32))).toBe(toHex(record))
})

test('spare bytes never hold the plaintext of an earlier record', () => {
  const encryptor = cbcEncryptor(key, fixedBytes('blocks'))
  encryptor.encrypt([new Uint8Array(160).fill(0x73)])
  const spacious = encryptor.encrypt([new Uint8Array(16)], 32)
  expect(toHex(plainlyDecrypted(key, spacious))).toBe('00'.repeat(48))
})

test('the same record twice looks like two different ones', () => {
  const encryptor = cbcEncryptor(key)
  const [one, other] = [1, 2].map(() => encryptor.encrypt([new Uint8Array(64)]))
  expect(one).not.toEqual(other)
})

test('parts that are not whole blocks are a programming mistake', () => {
  expect(() => cbcEncryptor(key).encrypt([new Uint8Array(16), new Uint8Array(1)])).toThrow(RangeError)
  expect(() => cbcEncryptor(key).encrypt([new Uint8Array(16)], 8)).toThrow(RangeError)
  expect(() => cbcDecryptor(key).decrypt(new Uint8Array(33))).toThrow(RangeError)
  expect(() => cbcDecryptor(key).decrypt(new Uint8Array(0))).toThrow(RangeError)
})

test('a wiped cipher is of no more use', () => {
  const encryptor = cbcEncryptor(key)
  encryptor.encrypt([new Uint8Array(16)])
  encryptor.wipe()
  expect(() => encryptor.encrypt([new Uint8Array(16)])).toThrow()
  const decryptor = cbcDecryptor(key)
  decryptor.decrypt(new Uint8Array(32))
  decryptor.wipe()
  expect(() => decryptor.decrypt(new Uint8Array(32))).toThrow()
})
