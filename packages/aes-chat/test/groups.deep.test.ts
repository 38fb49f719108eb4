import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { encodeGroupPem, parseGroupPem } from '@p2p-secure-chat/core/dh/group-pem'
import { ANSWER, OFFER, RETRY } from '@p2p-secure-chat/dh-chat/messages'
import { beforeAll, expect, test } from 'vitest'
import { openPath } from '../../stage/src/path.ts'
import { type Chatter, openTestbed, type Testbed } from '../../dh-chat/test/support/chat-testbed.ts'

/** A group of 2048 bits that dh-params made. */
const PEM = fileURLToPath(new URL('fixtures/group2048.pem', import.meta.url))

let testbed: Testbed
let calls = 0

beforeAll(async () => {
  testbed = await openTestbed('aes-chat')
})

/** Some bob and some alice, each with what they say about groups; how the call ends, and the handshake on the wire. */
async function call(bobSays: readonly string[], aliceSays: readonly string[]) {
  calls += 1
  const [bobsName, alicesName] = [`bob-${calls}`, `alice-${calls}`]
  const proxy = await openPath()
  const bob = await testbed.client(bobsName, '--advertise', String(proxy.port), ...bobSays)
  proxy.forwardTo(bob.listen)
  const alice: Chatter = testbed.start(alicesName, '--to', bobsName, ...aliceSays)
  const { code } = await alice.next('closed', 'open').then(first => (first.event === 'open' ? { code: null } : first))
  const exitCode = await alice.finish()
  await bob.finish()
  proxy.stop()
  const handshake = proxy.passed.flatMap(({ type, body }) => {
    if (type !== OFFER.type && type !== RETRY.type && type !== ANSWER.type) return []
    const { group }: { group: string } = JSON.parse(Buffer.from(body).toString())
    return [`${type === OFFER.type ? 'OFFER' : type === RETRY.type ? 'RETRY' : 'ANSWER'} ${group}`]
  })
  const trouble = bob.events.flatMap(event => (event.event === 'error' ? [event.code] : []))
  return { code, exitCode, handshake, trouble }
}

test.concurrent.each<[string, readonly string[], readonly string[], readonly string[]]>([
  ['nobody says anything', [], [], ['OFFER ffdhe3072', 'ANSWER ffdhe3072']],
  ['both say ffdhe2048', ['--group', 'ffdhe2048'], ['--group', 'ffdhe2048'], ['OFFER ffdhe2048', 'ANSWER ffdhe2048']],
  [
    'only the called one says ffdhe2048',
    ['--group', 'ffdhe2048'],
    [],
    ['OFFER ffdhe3072', 'RETRY ffdhe2048', 'OFFER ffdhe2048', 'ANSWER ffdhe2048'],
  ],
  ['only the caller says ffdhe2048', [], ['--group', 'ffdhe2048'], ['OFFER ffdhe2048', 'ANSWER ffdhe2048']],
  [
    'both give the same file',
    ['--group', PEM],
    ['--group', PEM],
    ['OFFER', 'ANSWER'].map(
      message => `${message} sha256:1e732318bbbaa5beea06d6e9825a31ac299df7c4a64c83f6072fcce519acc045`,
    ),
  ],
])('when %s, they agree', async (_, bobSays, aliceSays, handshake) => {
  expect(await call(bobSays, aliceSays)).toEqual({ code: null, exitCode: 0, handshake, trouble: [] })
})

test.concurrent.each([
  ['different names', ['--group', 'ffdhe3072'], ['--group', 'ffdhe2048'], 'OFFER ffdhe2048'],
  ['a name and a file', ['--group', PEM], ['--group', 'ffdhe2048'], 'OFFER ffdhe2048'],
])('when they insist on %s, the call is refused', async (_, bobSays, aliceSays, offer) => {
  expect(await call(bobSays, aliceSays)).toEqual({
    code: 'no-common-group',
    exitCode: 3,
    handshake: [offer],
    trouble: ['no-common-group'],
  })
})

test.concurrent('groups that protect nobody, and files that are none, are refused before anything is sent', async () => {
  const { p } = parseGroupPem(readFileSync(PEM, 'utf8'))
  const inFile = (name: string, content: string) => {
    const file = join(testbed.home, name)
    writeFileSync(file, content)
    return file
  }
  for (const [group, code, exitCode] of [
    [inFile('composite', encodeGroupPem({ p: p + 2n, g: 2n })), 'weak-group', 3],
    [inFile('generator-1', encodeGroupPem({ p, g: 1n })), 'weak-group', 3],
    [inFile('generator-p-1', encodeGroupPem({ p, g: p - 1n })), 'weak-group', 3],
    [inFile('no-square', encodeGroupPem({ p, g: p - 2n })), 'weak-group', 3],
    [inFile('short', encodeGroupPem({ p: 23n, g: 2n })), 'weak-group', 3],
    [inFile('text', 'p = 23'), 'bad-group-file', 2],
    ['ffdhe1024', 'unknown-group', 2],
  ] as const) {
    const refused = testbed.start('alice', '--group', group)
    expect(await refused.next('error')).toMatchObject({ code })
    expect(await refused.finish()).toBe(exitCode)
  }
})
