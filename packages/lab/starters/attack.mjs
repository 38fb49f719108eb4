// Reads a record by asking bob about its padding: node attack.mjs PORT RECORD
import { connect } from 'node:net'
import { createInterface } from 'node:readline'

const [port, hex] = process.argv.slice(2)
const record = Buffer.from(hex, 'hex')

const socket = connect(Number(port), '127.0.0.1')
const answers = createInterface({ input: socket })[Symbol.asyncIterator]()

/** Sends one record (IV and whole blocks), and says whether bob takes it. */
async function isTaken(record) {
  socket.write(`${record.toString('hex')}\n`)
  const { value, done } = await answers.next()
  if (done) throw new Error('bob is gone')
  return value === 'taken'
}

// To be written: find the text of the record. The first 16 bytes are the IV. This asks once, and gives up.
const taken = await isTaken(record)
const text = taken ? 'it can be read, but how?' : ''

console.log(text)
socket.end()
