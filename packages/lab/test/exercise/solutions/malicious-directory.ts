import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messagesOf, type Solve } from './solve.ts'

export const maliciousDirectory: Solve = async folder => {
  const read = async (file: string) => (await readFile(join(folder, file), 'utf8')).trim()
  const [, , bobsKey = ''] = (await read('known_peers')).split(' ')
  const real = new Map([
    ['bob', createHash('sha256').update(Buffer.from(bobsKey, 'base64url')).digest('base64url')],
    ['carol', (await read('invite.txt')).split('#')[1]],
  ])
  for (const directory of ['1', '2', '3']) {
    const cards = (await messagesOf(folder, `directory-${directory}.pcapng`)).filter(({ name }) => name === 'CARD')
    for (const { fields } of cards) {
      const about = fields['name'] ?? ''
      if (fields['fingerprint'] === real.get(about)) continue
      const code = about === 'bob' ? 'key-changed' : 'wrong-peer'
      return { directory, about, address: `${fields['host']}:${fields['port']}`, code }
    }
  }
  throw new Error('none of them lies')
}
