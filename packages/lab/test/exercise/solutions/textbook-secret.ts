import { messagesOf, readSegment, segmentOf, type Solve, type Told, taskSays } from './solve.ts'

const isPrime = (n: number): boolean => {
  for (let factor = 2; factor * factor <= n; factor++) if (n % factor === 0) return false
  return true
}

/** The number of factors g of which the product is that, modulo p; 0 where there is none. */
function exponentOf(value: number, g: number, p: number): number {
  for (let exponent = 1, power = g; exponent < p; exponent++, power = (power * g) % p) {
    if (power === value) return exponent
  }
  return 0
}

function power(base: number, exponent: number, p: number): number {
  let result = 1
  for (let i = 0; i < exponent; i++) result = (result * base) % p
  return result
}

/** The text of a segment under a secret, if it is one. */
function textUnder(secret: number, message: Told): string | null {
  try {
    const text = readSegment(BigInt(secret), segmentOf(message))
    return /^[\x20-\x7e]+$/.test(text) ? text : null
  } catch {
    return null
  }
}

export const textbookSecret: Solve = async folder => {
  const [g = 0] = (await taskSays(folder, /g = (\d+)/)).map(Number)
  const messages = await messagesOf(folder)
  const publicValues = messages.flatMap(({ fields }) => fields['legacy.public'] ?? []).map(Number)
  const [alice = 0, bob = 0, , carol = 0] = publicValues
  // In each call a text and the end.
  const [forBob, , forCarol] = messages.filter(({ fields, side }) => 'legacy.iv' in fields && side === 'dialler')
  if (forBob === undefined || forCarol === undefined) throw new Error('there are no texts')
  for (let p = Math.max(10_000, ...publicValues); p < 100_000; p++) {
    if (!isPrime(p) || !isPrime((p - 1) / 2)) continue
    const exponent = exponentOf(alice, g, p)
    if (exponent === 0) continue
    const secret = power(bob, exponent, p)
    const text = textUnder(power(carol, exponent, p), forCarol)
    if (textUnder(secret, forBob) === null || text === null) continue
    return { prime: String(p), exponent: String(exponent), secret: String(secret), text }
  }
  throw new Error('no prime fits')
}
