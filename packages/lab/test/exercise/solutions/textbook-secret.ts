import { messagesOf, readSegment, segmentOf, type Solve, taskSays } from './solve.ts'

export const textbookSecret: Solve = async folder => {
  const [p = 0n, g = 0n] = (await taskSays(folder, /p = (\d+),\s+g = (\d+)/)).map(BigInt)
  const [alice, bob, first] = await messagesOf(folder)
  const publicOf = (side: typeof alice) => BigInt(side?.fields['legacy.public'] ?? 0)
  let exponent = 2n
  for (let power = (g * g) % p; power !== publicOf(alice); power = (power * g) % p) exponent += 1n
  let secret = 1n
  for (let i = 0n; i < exponent; i++) secret = (secret * publicOf(bob)) % p
  const text = first === undefined ? '' : readSegment(secret, segmentOf(first))
  return { exponent: String(exponent), secret: String(secret), text }
}
