import { createHash } from 'node:crypto'
import type { Proof } from '@p2p-secure-chat/basic-p2p/directory/authentication'
import { describe, expect, test } from 'vitest'
import { proveRegistration, verifyRegistration } from '../src/directory-proof.ts'
import { verify } from '../src/identity/ed25519-key.ts'
import { alice, bob, mallory } from './support/people.ts'

const nonce = 'ab'.repeat(32)
const here = '192.0.2.1:10001'
const context = { name: 'alice', nonce }
const proof = () => proveRegistration(alice, 'peer-aes/1')(context, here)
const check = (given: Proof, changes: Partial<typeof context> = {}, addresses: readonly string[] = [here]) =>
  verifyRegistration('peer-aes/1').verify(given, { ...context, ...changes }, addresses)

const badProof = expect.objectContaining({ code: 'bad-proof' })

describe('a proof', () => {
  test('shows whose name it is', () => {
    expect(check(proof())).toBe(alice.fingerprint)
  })

  test('signs what docs/protocol.md says', () => {
    const { key, nonce: own, address, signature } = proof()
    expect(key).toBe(Buffer.from(alice.key).toString('base64url'))
    expect(own).toMatch(/^[0-9a-f]{64}$/)
    expect(address).toBe(here)
    const hashed = nonce + String(own) + Buffer.from(alice.key).toString('hex')
    const texts = `\x05alice\x0f192.0.2.1:10001\x0apeer-aes/1`
    const hash = createHash('sha256').update(hashed, 'hex').update(texts, 'latin1').digest()
    const context = 'p2p-secure-chat directory/1 registration'
    const bytes = Buffer.concat([Buffer.alloc(64, ' '), Buffer.from(`${context}\0`), hash])
    expect(verify(alice.key, bytes, Buffer.from(String(signature), 'base64url'))).toBe(true)
  })

  test('is another one each time', () => {
    expect(proof()).not.toEqual(proof())
  })

  test('holds at any address of the directory', () => {
    expect(check(proof(), {}, ['10.0.0.1:10001', here])).toBe(alice.fingerprint)
  })
})

describe('a proof is worth nothing', () => {
  test('for another nonce, name, rung or directory', () => {
    expect(() => check(proof(), { nonce: 'cd'.repeat(32) })).toThrow(badProof)
    expect(() => check(proof(), { name: 'bob' })).toThrow(badProof)
    expect(() => verifyRegistration('peer-dh/1').verify(proof(), context, [here])).toThrow(badProof)
    expect(() => check(proof(), {}, ['192.0.2.1:10000'])).toThrow(badProof)
    expect(() => check({ ...proof(), address: '192.0.2.2:10001' }, {}, ['192.0.2.2:10001'])).toThrow(badProof)
    expect(() => check(proof(), {}, [])).toThrow(badProof)
  })

  test.each([
    ['the key of somebody else', { key: Buffer.from(bob.key).toString('base64url') }],
    ['another client nonce', { nonce: '00'.repeat(32) }],
    [
      'the signature of somebody else',
      { signature: proveRegistration(mallory, 'peer-aes/1')(context, here)['signature'] },
    ],
    ['a key of small order', { key: Buffer.alloc(32).toString('base64url') }],
    ['a key in another spelling', { key: `${Buffer.from(alice.key).toString('base64url')}=` }],
    ['no key', { key: undefined }],
    ['a number for a key', { key: 1 }],
    ['a short nonce', { nonce: '00' }],
    ['a nonce in upper case', { nonce: 'AB'.repeat(32) }],
    ['a short signature', { signature: 'AAAA' }],
    ['an address that is none', { address: null }],
  ])('with %s', (_, change) => {
    expect(() => check({ ...proof(), ...change })).toThrow(badProof)
  })

  test('when it is empty', () => {
    expect(() => check({})).toThrow(badProof)
  })
})

test.each(['', 'ab', 'AB'.repeat(32)])('a directory whose nonce is %j gets no signature', nonce => {
  const asked = () => proveRegistration(alice, 'peer-aes/1')({ name: 'alice', nonce }, here)
  expect(asked).toThrow(expect.objectContaining({ code: 'bad-message' }))
})
