import { proveRegistration } from '@p2p-secure-chat/dh-chat/directory-proof'
import { expect, onTestFinished, test } from 'vitest'
import { online } from '../../../basic-p2p/test/support/directory.ts'
import { person } from '../../../dh-chat/test/support/people.ts'
import { type LyingDirectory, startLyingDirectory } from '../../src/attacks/people/lying-directory.ts'
import { openPath } from '@p2p-secure-chat/stage/path'
import type { ChatRung, FramedRung } from '../../src/rungs.ts'
import { registerAtTextbook, type TextbookRegistration } from '../../src/textbook/directory-client.ts'

async function liar(...options: Parameters<typeof startLyingDirectory>): Promise<LyingDirectory> {
  const directory = await startLyingDirectory(...options)
  onTestFinished(() => directory.stop())
  return directory
}

const identities = { alice: person('alice'), bob: person('bob'), mallory: person('mallory') }

/** Somebody who registers as the clients of that rung do. */
function register(
  directory: LyingDirectory,
  rung: FramedRung,
  name: string,
  port: number,
  key: keyof typeof identities,
) {
  const prove = rung === 'basic' ? null : proveRegistration(identities[key], `peer-${rung}/1`)
  return online(directory, name, { rung: `peer-${rung}/1`, prove, port })
}

async function registerInTextbook(
  directory: LyingDirectory,
  name: string,
  port: number,
): Promise<TextbookRegistration> {
  const registration = await registerAtTextbook(directory, name, port)
  onTestFinished(() => registration.exit())
  return registration
}

test.each(['basic', 'dh', 'aes'] as const)('on %s it tells the truth, until it lies about somebody', async rung => {
  const directory = await liar(rung)
  const alice = await register(directory, rung, 'alice', 5_001, 'alice')
  await register(directory, rung, 'bob', 5_002, 'bob')
  const truth = { name: 'bob', host: '127.0.0.1', port: 5_002, fingerprint: identities.bob.fingerprint }
  const fingerprint = rung === 'basic' ? null : truth.fingerprint
  expect(await alice.lookup('bob')).toMatchObject({ ...truth, fingerprint })

  directory.lie('bob', { host: '127.0.0.1', port: 6_666 })
  expect(await alice.lookup('bob')).toMatchObject({ ...truth, fingerprint, port: 6_666 })
  expect(await alice.lookup('alice')).toMatchObject({ port: 5_001 })

  const lie = { host: '127.0.0.1', port: 6_666, fingerprint: identities.mallory.fingerprint }
  directory.lie('bob', lie)
  expect(await alice.lookup('bob')).toMatchObject(lie)

  directory.lie('carol', lie)
  await expect(alice.lookup('carol')).rejects.toMatchObject({ code: 'unknown-user' })
})

test.each(['dh', 'aes'] as const)('on %s it binds names to keys all the same', async rung => {
  const directory = await liar(rung)
  await register(directory, rung, 'bob', 5_002, 'bob')
  await expect(register(directory, rung, 'bob', 6_666, 'mallory')).rejects.toMatchObject({ code: 'name-taken' })
})

test('as that of the textbook it tells the truth, until it lies about somebody', async () => {
  const directory = await liar('textbook-aes')
  const alice = await registerInTextbook(directory, 'alice', 5_001)
  await registerInTextbook(directory, 'bob', 5_002)
  const at = (port: number) => ({ host: '127.0.0.1', port })
  expect(await alice.users()).toEqual(new Map(Object.entries({ alice: at(5_001), bob: at(5_002) })))
  directory.lie('bob', at(6_666))
  directory.lie('carol', at(6_666))
  expect(await alice.users()).toEqual(new Map(Object.entries({ alice: at(5_001), bob: at(6_666) })))
})

test.each<[ChatRung, (directory: LyingDirectory) => Promise<unknown>]>([
  ['basic', async directory => (await register(directory, 'basic', 'bob', 5_002, 'bob')).lookup('bob')],
  ['textbook-dh', async directory => (await registerInTextbook(directory, 'bob', 5_002)).users()],
])('on %s a recorder is shown all that crosses its sockets', async (rung, use) => {
  const seen = { dialler: [] as Uint8Array[], listener: [] as Uint8Array[] }
  const directory = await liar(rung, (_, dialled) => {
    expect(dialled).toBe(false)
    return {
      received: bytes => void seen.dialler.push(Buffer.from(bytes)),
      sent: bytes => void seen.listener.push(Buffer.from(bytes)),
    }
  })
  const path = await openPath({ unit: 'segment' })
  onTestFinished(() => path.stop())
  path.forwardTo(directory)
  await use({ ...directory, host: path.host, port: path.port })

  for (const side of ['dialler', 'listener'] as const) {
    const crossed = Buffer.concat(path.passed.filter(({ from }) => from === side).map(({ bytes }) => bytes))
    expect(crossed.length).toBeGreaterThan(20)
    expect(Buffer.concat(seen[side]).equals(crossed)).toBe(true)
  }
})
