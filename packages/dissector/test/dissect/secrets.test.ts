import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openKeyLog } from '@p2p-secure-chat/dh-chat/key-log'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../../dh-chat/test/support/chat-testbed.ts'
import { secretsOf } from '../../src/dissect/secrets.ts'

const hash = Buffer.alloc(32, 0x11)
const [one, two] = ['a1'.repeat(32), 'b2'.repeat(32)]
const line = (secret: string, label = 'P2PC_SESSION_SECRET') => `${label} ${hash.toString('hex')} ${secret}`
const hex = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString('hex'))

test('what a client writes is read, each kind under its own hash', async () => {
  const path = join(temporaryFolder(), 'alice.keys')
  const written = await openKeyLog(path)
  written.onSecret('handshake', hash, Buffer.from(one, 'hex'))
  written.onSecret('session', hash, Buffer.from(two, 'hex'))
  await written.close()
  const keys = secretsOf()
  keys.add(readFileSync(path, 'utf8'))
  expect([hex(keys.secret('handshake', hash)), hex(keys.secret('session', hash))]).toEqual([one, two])
  expect(keys.secret('session', Buffer.alloc(32))).toBeNull()
  expect([keys.secrets, keys.used, keys.garbage]).toEqual([2, 2, 0])
})

test('what is no line is counted and does no harm; blank lines and comments say nothing', () => {
  const keys = secretsOf()
  keys.add(
    `# a comment\n\n  \r\n${line(one)}\r\nCLIENT_RANDOM aa bb\n${line('a1')}\n${line(one)}aa\nP2PC_SESSION_SECRET\n`,
  )
  expect([keys.secrets, keys.used, keys.garbage]).toEqual([1, 0, 4])
  expect(hex(keys.secret('session', hash))).toBe(one)
  expect(hex(keys.secret('session', hash))).toBe(one)
  expect(keys.used).toBe(1)
})

test('of two lines for one transcript the later one counts', () => {
  const keys = secretsOf()
  keys.add(`${line(one)}\n${line(two)}`)
  expect(hex(keys.secret('session', hash))).toBe(two)
  keys.add(line(one).toUpperCase())
  expect(hex(keys.secret('session', hash))).toBe(one)
  expect([keys.secrets, keys.used]).toEqual([1, 1])
})

test('a secret belongs to whoever asked for it', () => {
  const keys = secretsOf()
  keys.add(line(one))
  keys.secret('session', hash)?.fill(0)
  expect(hex(keys.secret('session', hash))).toBe(one)
})

test('no garbage makes it fail', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constant(line(one)))), lines => {
      const keys = secretsOf()
      keys.add(lines.join('\n'))
      expect(hex(keys.secret('session', hash))).toBe(lines.includes(line(one)) ? one : null)
    }),
  )
})
