import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Solve, taskSays } from './solve.ts'

function frameOf(text: string): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(9 + text.length)
  header[4] = 0x53
  header[12] = 1
  return Buffer.concat([header, Buffer.from(text)])
}

const xor = (one: Buffer, other: Buffer) => Buffer.from(one.map((byte, i) => byte ^ (other[i] ?? 0)))

export const twoTimePad: Solve = async folder => {
  const [known = ''] = await taskSays(folder, /^ {4}(On .*)$/m)
  const [wanted = ''] = await taskSays(folder, /^ {7}(It is .*)$/m)
  const records = (await readFile(join(folder, 'records.txt'), 'utf8')).trim().split('\n')
  const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = records.map(hex => Buffer.from(hex, 'hex'))
  const stream = xor(first, frameOf(known))
  return {
    text: xor(second, stream).subarray(13).toString(),
    forged: xor(frameOf(wanted), stream).toString('hex'),
  }
}
