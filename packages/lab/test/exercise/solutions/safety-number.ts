import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Solve } from './solve.ts'

/** As docs/protocol.md has it, by hand. */
function numberOf(people: readonly { readonly name: string; readonly key: Buffer }[]): string[] {
  const entries = [...people]
    .sort((a, b) => Buffer.compare(a.key, b.key))
    .map(({ name, key }) => Buffer.concat([Buffer.of(32), key, Buffer.of(name.length), Buffer.from(name)]))
  const digest = createHash('sha512')
    .update('p2p-secure-chat safety number/1\0')
    .update(Buffer.concat(entries))
    .digest()
  return Array.from({ length: 12 }, (_, i) => {
    const number = digest.subarray(5 * i, 5 * i + 5).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
    return String(number % 100_000n).padStart(5, '0')
  })
}

export const safetyNumber: Solve = async folder => {
  const read = (file: string) => readFile(join(folder, file), 'utf8')
  const keys = new Map(
    (await read('keys.txt')).split('\n').map(line => {
      const [name = '', , key = ''] = line.split(' ')
      return [name, Buffer.from(key, 'base64url')] as const
    }),
  )
  const key = (name: string) => keys.get(name) ?? Buffer.alloc(0)
  const alice = { name: 'alice', key: key('alice') }
  const honest = numberOf([alice, { name: 'bob', key: key('bob') }])
  const deceived = numberOf([alice, { name: 'bob', key: key('mallory') }])
  const photos = (await read('screens.txt')).split('Photo ').slice(1)
  const photoOf = (number: readonly string[]) =>
    photos.find(photo =>
      (photo.match(/\d{5}|\?{5}/g) ?? []).every((group, i) => /\?/.test(group) || group === number[i]),
    )
  return {
    number: honest.join(' '),
    honest: photoOf(honest)?.[0] ?? '',
    mallory: photoOf(deceived)?.[0] ?? '',
  }
}
