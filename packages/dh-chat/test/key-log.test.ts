import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ChatError, rethrowUnless } from '@p2p-secure-chat/core/errors'
import { beforeEach, describe, expect, test } from 'vitest'
import { openKeyLog } from '../src/key-log.ts'
import { fixedBytes } from '../../core/test/support/fixed-bytes.ts'
import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { temporaryFolder } from './support/chat-testbed.ts'
import type { HandshakeVector } from './support/handshake-vectors.ts'
import { runHandshake } from './support/run-handshake.ts'

const handshakes: HandshakeVector[] = JSON.parse(
  readFileSync(new URL('vectors/handshake.json', import.meta.url), 'utf8'),
)

let path: string
beforeEach(() => {
  path = join(temporaryFolder(), 'alice.keys')
})

const linesIn = (file: string) => readFileSync(file, 'utf8').split('\n').slice(0, -1)
const secretsIn = (file: string) => linesIn(file).filter(line => !line.startsWith('#'))
const SECRET = new Uint8Array(32).fill(7)

async function refusal(): Promise<ChatError> {
  try {
    await openKeyLog(path)
  } catch (error) {
    rethrowUnless(error)
    return error
  }
  throw new Error('it was opened')
}

test.each(handshakes)('both sides write the secrets of the handshake and nothing else: $name', async vector => {
  const expected = [
    `P2PC_HANDSHAKE_SECRET ${vector.T1.hash} ${vector.handshakeSecret}`,
    `P2PC_SESSION_SECRET ${vector.T3.hash} ${vector.sessionSecret}`,
  ]
  const folder = temporaryFolder()
  const logs = { initiator: await openKeyLog(join(folder, 'alice')), responder: await openKeyLog(join(folder, 'bob')) }
  const options = (role: 'initiator' | 'responder') => ({
    protocol: vector.protocol,
    groups: vector.groups[role].map(namedGroup),
    random: fixedBytes(`handshake vectors, ${vector.name}, ${role}`),
    onSecret: logs[role].onSecret,
  })
  await runHandshake(options('initiator'), options('responder'))
  expect(secretsIn(join(folder, 'alice'))).toEqual(expected)
  expect(secretsIn(join(folder, 'bob'))).toEqual(expected)
})

describe('the file', () => {
  test('is for its owner alone, and says first what it gives away', async () => {
    const log = await openKeyLog(path)
    log.onSecret('handshake', SECRET, SECRET)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const [first, ...rest] = linesIn(path)
    expect(first).toMatch(/^# /)
    expect(rest.join('\n')).toMatch(/can read everything[^]*forward secrecy/)
    await log.close()
    expect(secretsIn(path)).toHaveLength(1)
  })

  test('is gone when nothing was written, so that the same command can be given again', async () => {
    await (await openKeyLog(path)).close()
    expect(existsSync(path)).toBe(false)
  })

  test('that cannot be ended or removed is told, and ends nothing else', async () => {
    const log = await openKeyLog(path)
    rmSync(path)
    mkdirSync(path)
    const told: string[] = []
    log.onFailure(({ code }) => told.push(code))
    await log.close()
    expect(told).toEqual(['unwritable'])
  })

  test('never is one that exists', async () => {
    writeFileSync(path, 'mine')
    expect(await refusal()).toMatchObject({ code: 'unwritable', hint: expect.stringContaining('name a new file') })
    expect(readFileSync(path, 'utf8')).toBe('mine')
  })

  test('never is where a link leads', async () => {
    const target = `${path}.target`
    symlinkSync(target, path)
    expect((await refusal()).code).toBe('unwritable')
    expect(existsSync(target)).toBe(false)
    expect(lstatSync(path).isSymbolicLink()).toBe(true)
  })

  test('needs a folder', async () => {
    path = join(path, 'keys')
    expect(await refusal()).toMatchObject({ code: 'unwritable', hint: expect.stringContaining('folder') })
    mkdirSync(join(path, '..'))
    path = join(path, '..')
    expect((await refusal()).code).toBe('unwritable')
  })
})
