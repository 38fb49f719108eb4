import { messagesOf, segmentOf, type Solve, taskSays } from './solve.ts'

const xor = (...parts: readonly Uint8Array[]) =>
  Buffer.from(Array.from({ length: 16 }, (_, i) => parts.reduce((byte, part) => byte ^ (part[i] ?? 0), 0)))

export const forgeRecord: Solve = async folder => {
  const [said = ''] = await taskSays(folder, /^ {4}(pay carol .*)$/m)
  const [wanted = ''] = await taskSays(folder, /^ {7}(pay alice .*)$/m)
  const [short = ''] = await taskSays(folder, /`short`[^\n]*\n\n {7}(.*)$/m)
  const record = (await messagesOf(folder)).at(-1)
  const segment = record === undefined ? Buffer.alloc(32) : segmentOf(record)
  const [iv, block] = [segment.subarray(0, 16), segment.subarray(16, 32)]
  const decrypted = xor(iv, Buffer.from(said))
  const padded = Buffer.alloc(16, 16 - short.length)
  padded.write(short)
  return {
    record: Buffer.concat([xor(decrypted, Buffer.from(wanted)), segment.subarray(16)]).toString('hex'),
    short: Buffer.concat([xor(decrypted, padded), block]).toString('hex'),
  }
}
