// Vaudenay's attack (EUROCRYPT 2002): node attack.mjs PORT RECORD
import { connect } from 'node:net'
import { createInterface } from 'node:readline'

const [port, hex] = process.argv.slice(2)
const record = Buffer.from(hex, 'hex')

const socket = connect(Number(port), '127.0.0.1')
const answers = createInterface({ input: socket })[Symbol.asyncIterator]()

async function isTaken(record) {
  socket.write(`${record.toString('hex')}\n`)
  const { value, done } = await answers.next()
  if (done) throw new Error('bob is gone')
  return value === 'taken'
}

/** The block as it comes out of AES, before the XOR. */
async function decrypted(block) {
  const known = Buffer.alloc(16)
  for (let at = 15; at >= 0; at--) {
    const padding = 16 - at
    const front = Buffer.alloc(16)
    for (let i = at + 1; i < 16; i++) front[i] = known[i] ^ padding
    for (let guess = 0; guess < 256; guess++) {
      front[at] = guess
      front[at - 1] = 0
      if (!(await isTaken(Buffer.concat([front, block])))) continue
      // Another padding may fit by chance, and then it does not fit any more when the byte before it changes.
      if (at === 15) {
        front[14] = 255
        if (!(await isTaken(Buffer.concat([front, block])))) continue
      }
      known[at] = guess ^ padding
      break
    }
  }
  return known
}

const text = []
for (let at = 16; at < record.length; at += 16) {
  const block = await decrypted(record.subarray(at, at + 16))
  text.push(...block.map((byte, i) => byte ^ record[at - 16 + i]))
}
const padding = text.at(-1) ?? 0
console.log(Buffer.from(text.slice(0, text.length - padding)).toString())
socket.end()
