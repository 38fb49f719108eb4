import { createHash, createHmac, createPrivateKey, createPublicKey, getDiffieHellman, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type HandshakeVector, handshakeVectors } from '../support/handshake-vectors.ts'
import { type SafetyNumberVector, safetyNumberVectors } from '../support/safety-number-vectors.ts'

const read = (file: string) => readFileSync(new URL(`../vectors/${file}`, import.meta.url), 'utf8')
const handshakes: HandshakeVector[] = JSON.parse(read('handshake.json'))
const safetyNumbers: SafetyNumberVector[] = JSON.parse(read('safety-number.json'))

test('the committed vectors are what the code produces', async () => {
  expect(await handshakeVectors()).toEqual(handshakes)
  expect(safetyNumberVectors()).toEqual(safetyNumbers)
})

// From here on nothing of ours is used: only the formulas of docs/protocol.md, node:crypto and bigint.

const hex = (text: string) => Buffer.from(text, 'hex')
const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()
const hmac = (key: Uint8Array, ...parts: Uint8Array[]) =>
  createHmac('sha256', key).update(Buffer.concat(parts)).digest()
const expand = (secret: Uint8Array, label: string) => hmac(secret, Buffer.from(label), Uint8Array.of(1))

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

function xorKeystream(key: Uint8Array, data: Uint8Array): Buffer {
  const blocks = Array.from({ length: Math.ceil(data.length / 32) }, (_, i) => {
    const counter = Buffer.alloc(8)
    counter.writeBigUInt64BE(BigInt(i))
    return hmac(key, counter)
  })
  const stream = Buffer.concat(blocks)
  return Buffer.from(data.map((byte, i) => byte ^ stream.readUInt8(i)))
}

function frame(type: number, body: Uint8Array): string {
  const header = Buffer.alloc(5)
  header.writeUInt32BE(1 + body.length)
  header.writeUInt8(type, 4)
  return Buffer.concat([header, body]).toString('hex')
}

const jsonOf = (frameHex: string) => JSON.parse(hex(frameHex).subarray(5).toString())
const typeOf = (frameHex: string) => hex(frameHex).readUInt8(4)

describe.each(handshakes)('by the formulas alone: $name', vector => {
  const { protocol, group, drawn, identities } = vector
  const p = BigInt(`0x${group.p}`)
  const frames = vector.frames.map(({ frame }) => frame)
  const retried = vector.groups.initiator[0] !== group.name

  test('the messages come in order, and carry what was drawn', () => {
    const agreement = retried ? [0x31, 0x32, 0x31, 0x33] : [0x31, 0x33]
    expect(frames.map(typeOf)).toEqual([1, 1, ...agreement, 0x34, 0x34, 0x35])
    expect(frames[0]).toBe(frame(1, Buffer.from(`P2PC{"protocol":"${protocol}"}`)))
    expect(frames[1]).toBe(frames[0])

    const offers = frames.filter(text => typeOf(text) === 0x31).map(jsonOf)
    expect(offers).toEqual(
      drawn.initiator.values.map(value => ({
        groups: vector.groups.initiator,
        group: value.group,
        public: value.public,
        nonce: drawn.initiator.nonce,
      })),
    )
    expect(vector.groups.responder.find(name => vector.groups.initiator.includes(name))).toBe(group.name)
    if (retried) expect(jsonOf(frames[3] ?? '')).toEqual({ group: group.name })
    expect(frames.filter(text => typeOf(text) === 0x33).map(jsonOf)).toEqual([
      { group: group.name, public: drawn.responder.values[0]?.public, nonce: drawn.responder.nonce },
    ])
  })

  test('both arrive at the shared secret', () => {
    if (group.name === 'modp14') expect(group.p).toBe(getDiffieHellman('modp14').getPrime('hex'))
    const digits = group.p.length
    const [own, their] = [drawn.initiator.values.at(-1), drawn.responder.values.at(-1)]
    const x = BigInt(`0x${own?.private}`)
    const y = BigInt(`0x${their?.private}`)
    const text = (value: bigint) => value.toString(16).padStart(digits, '0')
    expect(text(power(BigInt(`0x${group.g}`), x, p))).toBe(own?.public)
    expect(text(power(BigInt(`0x${group.g}`), y, p))).toBe(their?.public)
    expect(text(power(BigInt(`0x${their?.public}`), x, p))).toBe(vector.sharedSecret)
    expect(text(power(BigInt(`0x${own?.public}`), y, p))).toBe(vector.sharedSecret)
  })

  test('the transcripts are the frames', () => {
    const bytes = (count: number) => `00${frames.slice(0, count).join('')}`
    const identitiesAt = frames.findIndex(text => typeOf(text) === 0x34)
    for (const [i, { bytes: text, hash }] of [vector.T1, vector.T2, vector.T3].entries()) {
      expect(text).toBe(bytes(identitiesAt + i))
      expect(sha256(hex(text)).toString('hex')).toBe(hash)
    }
  })

  test('the key schedule', () => {
    const HS = hmac(hex(vector.T1.hash), hex(vector.sharedSecret))
    expect(HS.toString('hex')).toBe(vector.handshakeSecret)
    const SS = hmac(hex(vector.T3.hash), HS)
    expect(SS.toString('hex')).toBe(vector.sessionSecret)
    const key = (secret: Uint8Array, label: string) =>
      expand(secret, `p2p-secure-chat ${protocol} ${label}`).toString('hex')
    for (const role of ['initiator', 'responder'] as const) {
      expect(key(HS, `${role} identity encryption`)).toBe(vector.identity[role].encryptionKey)
      expect(key(HS, `${role} identity tag`)).toBe(vector.identity[role].tagKey)
      expect(key(HS, `${role} identity mac`)).toBe(vector.identity[role].macKey)
      expect(key(SS, `${role} traffic`)).toBe(vector.trafficSecret[role])
    }
    expect(key(SS, 'responder confirm')).toBe(vector.confirmKey)
    expect(hmac(hex(vector.confirmKey), hex(vector.T3.hash)).toString('hex')).toBe(vector.confirm)
    expect(frames.at(-1)).toBe(frame(0x35, hex(vector.confirm)))
  })

  test.each(['responder', 'initiator'] as const)('the IDENTITY of the %s', role => {
    const { name, seed, key } = identities[role]
    const expected = vector.identity[role]
    const der = Buffer.concat([hex('302e020100300506032b657004220420'), hex(seed)])
    const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    expect(createPublicKey(privateKey).export({ format: 'jwk' }).x).toBe(hex(key).toString('base64url'))

    const T = hex((role === 'responder' ? vector.T1 : vector.T2).bytes)
    const who = Buffer.concat([Uint8Array.of(name.length), Buffer.from(name.padEnd(32, '\0')), hex(key)])
    expect(who.toString('hex')).toBe(expected.who)
    const context = Buffer.from(`${' '.repeat(64)}p2p-secure-chat ${protocol} ${role} signature\0`)
    const signature = sign(null, Buffer.concat([context, sha256(T, who)]), privateKey)
    expect(signature.toString('hex')).toBe(expected.signature)
    const mac = hmac(hex(expected.macKey), sha256(T, who, signature))
    expect(mac.toString('hex')).toBe(expected.mac)
    const plaintext = Buffer.concat([who, signature, mac])
    expect(plaintext).toHaveLength(161)
    expect(plaintext.toString('hex')).toBe(expected.plaintext)
    const ciphertext = xorKeystream(hex(expected.encryptionKey), plaintext)
    const body = Buffer.concat([ciphertext, hmac(hex(expected.tagKey), ciphertext)])
    expect(body.toString('hex')).toBe(expected.body)
    expect(frames).toContain(frame(0x34, body))
  })
})

test.each(safetyNumbers)('the safety number by its formula: $name', vector => {
  const entries = vector.peers
    .map(({ name, key }) => ({ key, text: `20${key}${withLength(name)}` }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
  const start = Buffer.from('p2p-secure-chat safety number/1\0').toString('hex')
  const digest = createHash('sha512')
    .update(hex(start + entries.map(({ text }) => text).join('')))
    .digest('hex')
  const groups = Array.from({ length: 12 }, (_, i) => BigInt(`0x${digest.slice(10 * i, 10 * i + 10)}`) % 100_000n)
  expect(groups.map(group => group.toString().padStart(5, '0')).join(' ')).toBe(vector.safetyNumber)
  for (const { key, fingerprint } of vector.peers) expect(sha256(hex(key)).toString('base64url')).toBe(fingerprint)
})

/** A length in one byte, then the text. */
function withLength(text: string): string {
  return Buffer.concat([Uint8Array.of(text.length), Buffer.from(text)]).toString('hex')
}
