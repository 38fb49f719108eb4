import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import type { Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import { authenticatedUpgrade } from '@p2p-secure-chat/dh-chat/handshake/handshake-upgrade'
import type { Identity } from '@p2p-secure-chat/dh-chat/identity/identity'
import { knownPeers } from '@p2p-secure-chat/dh-chat/identity/known-peers'
import { expect, onTestFinished, test } from 'vitest'
import { flipBody, on, repeat } from '../../../stage/src/tampering.ts'
import { type Tamper, openPath, pass } from '../../../stage/src/path.ts'
import { temporaryFolder, textsOf } from '../../../dh-chat/test/support/chat-testbed.ts'
import { alice, bob } from '../../../dh-chat/test/support/people.ts'
import { type Person, startPerson } from '../../../dh-chat/test/support/person.ts'
import { testGroup } from '../../../dh-chat/test/support/test-group.ts'
import { sealedRecords } from '../../src/sealed-records.ts'

/** Records under one secret; the program has 65,536. */
const UPDATE_AFTER = 3

/** The upgrade of this rung, except that its secrets are soon replaced. */
function restlessUpgrade(identity: Identity): Upgrade {
  const home = temporaryFolder()
  mkdirSync(join(home, identity.name))
  return authenticatedUpgrade({
    protocol: 'peer-aes/1',
    identity,
    knownPeers: knownPeers(home, identity.name),
    groups: [testGroup],
    integrity: true,
    protect: (secrets, role) =>
      sealedRecords({
        sendSecret: secrets.send,
        receiveSecret: secrets.receive,
        sendDirection: role === 'initiator' ? 0 : 1,
        updateAfter: UPDATE_AFTER,
      }),
  })
}

/** Alice calls bob, with somebody on the path. */
async function conversation(tamper: Tamper) {
  const proxy = await openPath()
  proxy.setTamper(tamper)
  const [caller, callee] = await Promise.all([
    startPerson('alice', restlessUpgrade(alice), () => proxy),
    startPerson('bob', restlessUpgrade(bob), () => proxy),
  ])
  proxy.forwardTo(callee.address)
  onTestFinished(async () => {
    await Promise.all([caller.stop(), callee.stop()])
    proxy.stop()
  })
  expect(await caller.engine.call('bob')).toBe(true)
  await callee.until(() => callee.engine.open.includes('alice'))
  return { caller, callee, proxy }
}

const closedWith =
  ({ events }: Person, code: string | null) =>
  () =>
    events.some(event => event.event === 'closed' && event.code === code)

test('a conversation goes on through many key updates in both directions', async () => {
  const { caller, callee, proxy } = await conversation(pass)
  const texts = Array.from({ length: 10 * UPDATE_AFTER }, (_, i) => `number ${i}`)
  for (const text of texts) {
    await caller.engine.say('bob', text)
    await caller.engine.settled('bob')
    await callee.engine.say('alice', `${text} too`)
    await callee.engine.settled('alice')
  }
  await caller.engine.leave('bob')
  await callee.until(closedWith(callee, null))
  expect(textsOf(callee.events)).toEqual(texts)
  expect(textsOf(caller.events)).toEqual(texts.map(text => `${text} too`))
  for (const side of ['dialler', 'listener']) {
    const records = proxy.passed.filter(({ from, type }) => from === side && type === RECORD.type)
    expect(records.length).toBeGreaterThan(9 * UPDATE_AFTER)
  }
})

test.each([
  ['altered', flipBody(40)],
  ['repeated', repeat],
])('a record that is %s after key updates ends the conversation as ever', async (_, tamper) => {
  const nth = 4 * UPDATE_AFTER
  const { caller, callee } = await conversation(on({ from: 'dialler', type: RECORD.type, nth }, tamper))
  for (let i = 1; i <= nth; i++) {
    await caller.engine.say('bob', `number ${i}`)
    await caller.engine.settled('bob')
  }
  await callee.until(closedWith(callee, 'bad-record'))
  await caller.until(closedWith(caller, 'cut'))
  expect(new Set(textsOf(callee.events)).size).toBe(textsOf(callee.events).length)
})
