// The log once more, from docs/log-format.md and node:crypto alone. It shares no code with the product, so that both can
// only be wrong together where the document is.
import { createDecipheriv, createHmac } from 'node:crypto'

const hmac = (key: Uint8Array, ...parts: (Uint8Array | string)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHmac('sha256', key)).digest()

/** HKDF-Expand for 32 bytes is one HMAC. */
const expand = (secret: Uint8Array, purpose: string) =>
  hmac(secret, `p2p-secure-chat log/1${purpose}`, Uint8Array.of(1))

export const logKeyOf = (seed: Uint8Array) => expand(hmac(Buffer.alloc(0), seed), '')

/** The plaintexts of all entries. @throws {Error} at the first thing that is not as the document says */
export function readIndependently(logKey: Uint8Array, file: Buffer): Buffer[] {
  if (file.toString('latin1', 0, 8) !== 'P2PCLOG1') throw new Error('no log')
  const plaintexts: Buffer[] = []
  let previousTag: Buffer = Buffer.alloc(32)
  let runKey: Buffer | null = null
  for (let at = 8, number = 0; at < file.length; number++) {
    const length = file.readUInt32BE(at)
    const type = file.readUInt8(at + 4)
    const body = file.subarray(at + 5, at + 4 + length)
    if (body.readBigUInt64BE(0) !== BigInt(number)) throw new Error(`item ${number} has another number`)
    if (type === 1) runKey = hmac(body.subarray(8, 40), logKey)
    if (runKey === null) throw new Error('an entry before its run')
    const [content, tag] = [body.subarray(0, -32), body.subarray(-32)]
    const macKey = expand(runKey, ' entry mac')
    if (!hmac(macKey, previousTag, Uint8Array.of(type), content).equals(tag)) throw new Error(`item ${number}`)
    if (type === 2) {
      const iv = content.subarray(8, 24)
      const decipher = createDecipheriv('aes-256-cbc', expand(runKey, ' entry encryption'), iv).setAutoPadding(false)
      plaintexts.push(Buffer.concat([decipher.update(content.subarray(24)), decipher.final()]))
    }
    previousTag = tag
    at += 4 + length
  }
  return plaintexts
}
