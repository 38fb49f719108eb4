// Sits between alice, who calls us, and bob, whom we call: node mallory.mjs PORT
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { connect, createServer } from 'node:net'

const [bobPort] = process.argv.slice(2)

/** As the task names them: filled in by whoever solves it. */
const there = 'THERE'
const elsewhere = 'ELSEWHERE'

/** ffdhe2048 (RFC 7919, appendix A.1). */
const P = BigInt(
  `0x${[
    'ffffffffffffffffadf85458a2bb4a9aafdc5620273d3cf1d8b9c583ce2d3695',
    'a9e13641146433fbcc939dce249b3ef97d2fe363630c75d8f681b202aec4617a',
    'd3df1ed5d5fd65612433f51f5f066ed0856365553ded1af3b557135e7f57c935',
    '984f0c70e0e68b77e2a689daf3efe8721df158a136ade73530acca4f483a797a',
    'bc0ab182b324fb61d108a94bb2c8e3fbb96adab760d7f4681d4f42a3de394df4',
    'ae56ede76372bb190b07a7c8ee0a6d709e02fce1cdf7e2ecc03404cd28342f61',
    '9172fe9ce98583ff8e4f1232eef28183c3fe3b1b4c6fad733bb5fcbc2ec22005',
    'c58ef1837d1683b2c6f34a26c1b2effa886b423861285c97ffffffffffffffff',
  ].join('')}`,
)
const G = 2n

/** base ** exponent modulo P. */
function power(base, exponent) {
  let result = 1n
  for (let bit = exponent.toString(2).length - 1; bit >= 0; bit--) {
    result = (result * result) % P
    if ((exponent >> BigInt(bit)) & 1n) result = (result * base) % P
  }
  return result
}

/** The key of the textbook: the SHA-256 of the secret in decimal. */
const keyOf = secret => createHash('sha256').update(String(secret)).digest()

function encrypt(key, text) {
  const iv = randomBytes(16)
  const cipher = createCipheriv('aes-256-cbc', key, iv)
  return Buffer.concat([iv, cipher.update(text), cipher.final()])
}

function decrypt(key, segment) {
  const decipher = createDecipheriv('aes-256-cbc', key, segment.subarray(0, 16))
  return decipher.update(segment.subarray(16)) + decipher.final('utf8')
}

/** All segments of a connection, one after the other: what came in one piece is one message. */
const segmentsOf = socket => socket[Symbol.asyncIterator]()

const server = createServer(alice => void intercept(alice))

async function intercept(alice) {
  const bob = connect(Number(bobPort), '127.0.0.1')
  const fromAlice = segmentsOf(alice)
  const fromBob = segmentsOf(bob)

  const alicePublic = (await fromAlice.next()).value
  const bobPublic = (await fromBob.next()).value

  const exponent = BigInt(`0x${randomBytes(32).toString('hex')}`)
  const ours = String(power(G, exponent))
  bob.write(ours)
  alice.write(ours)
  const keyWith = publicValue => keyOf(power(BigInt(publicValue.toString()), exponent))
  const [aliceKey, bobKey] = [keyWith(alicePublic), keyWith(bobPublic)]

  void passOn(fromAlice, bob, segment => {
    const text = decrypt(aliceKey, segment)
    if (text !== 'EOM') console.log(`alice: ${text}`)
    return encrypt(bobKey, text.replaceAll(there, elsewhere))
  })
  void passOn(fromBob, alice, segment => encrypt(aliceKey, decrypt(bobKey, segment)))
}

async function passOn(segments, socket, change) {
  for await (const segment of segments) socket.write(change(segment))
  socket.end()
}

server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`))
