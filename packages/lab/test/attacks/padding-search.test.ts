import { BLOCK_BYTES, decryptCbc, encryptCbc, KEY_BYTES } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { rethrowUnless } from '@p2p-secure-chat/core/errors'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decryptByPadding, type PaddingOracle } from '../../src/attacks/records/padding-search.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })

function oracleFor(key: Uint8Array): PaddingOracle {
  return (iv, block) => {
    try {
      decryptCbc(key, iv, block)
      return Promise.resolve(true)
    } catch (error) {
      rethrowUnless(error)
      return Promise.resolve(false)
    }
  }
}

test('any block is read, whatever its bytes and its padding are', async () => {
  const plaintext = fc.uint8Array({ minLength: 0, maxLength: BLOCK_BYTES - 1 })
  const property = fc.asyncProperty(bytes(KEY_BYTES), bytes(BLOCK_BYTES), plaintext, async (key, iv, text) => {
    const block = encryptCbc(key, iv, text)
    const padding = BLOCK_BYTES - text.length
    const found = await decryptByPadding(oracleFor(key), iv, block)
    expect([...found]).toEqual([...text, ...Array<number>(padding).fill(padding)])
  })
  await fc.assert(property, { numRuns: 8 })
})

test('a block that can be made to end in 02 02 is not taken for one that ends in 01', async () => {
  const key = new Uint8Array(KEY_BYTES)
  const iv = new Uint8Array(BLOCK_BYTES)
  // Under an IV of zeros 02 stands before the last byte, and e, which is tried before f, turns f into another 02.
  const block = encryptCbc(key, iv, Buffer.from('any sixteen by\x02f')).subarray(0, BLOCK_BYTES)
  expect(Buffer.from(await decryptByPadding(oracleFor(key), iv, block)).toString()).toBe('any sixteen by\x02f')
})

test('an oracle that misses some answers is asked again', async () => {
  const key = new Uint8Array(KEY_BYTES)
  const iv = new Uint8Array(BLOCK_BYTES)
  const oracle = oracleFor(key)
  let yes = 0
  const forgetful: PaddingOracle = async (...question) => (await oracle(...question)) && yes++ % 4 !== 0
  const found = await decryptByPadding(
    forgetful,
    iv,
    encryptCbc(key, iv, Buffer.from('four words of text')).subarray(0, 16),
  )
  expect(Buffer.from(found).toString()).toBe('four words of te')
})

test('one that never says yes has no answer', async () => {
  const zeros = new Uint8Array(BLOCK_BYTES)
  await expect(decryptByPadding(() => Promise.resolve(false), zeros, zeros)).rejects.toThrow('no value of byte 15')
})
