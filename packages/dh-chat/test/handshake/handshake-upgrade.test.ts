import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sessionLimits, TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { HELLO, RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import type { PeerSecurity, Role } from '@p2p-secure-chat/core/wire/upgrade'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { channelPair } from '../../../core/test/support/channel-pair.ts'
import { defaultGroups } from '../../src/group/chosen-groups.ts'
import { dhUpgrade } from '../../src/dh-upgrade.ts'
import type { Identity } from '../../src/identity/identity.ts'
import { type KnownPeers, knownPeers } from '../../src/identity/known-peers.ts'
import { safetyNumber } from '../../src/identity/safety-number.ts'
import { alice, bob, person } from '../support/people.ts'
import { testGroup } from '../support/test-group.ts'
import { IDENTITY, OFFER } from '../../src/messages.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'upgrade-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

/** Whom this person remembers, from one connection to the next. */
function memoryOf({ name, fingerprint }: Identity): KnownPeers {
  const folder = join(home, fingerprint)
  mkdirSync(join(folder, name), { recursive: true })
  return knownPeers(folder, name)
}

interface Side {
  readonly channel: Channel
  readonly security: PeerSecurity
}

interface Connection {
  /** Both ends of the raw connection, for who wants to meddle with it. */
  readonly raw: Readonly<Record<Role, Channel>>
  readonly initiator: Side
  readonly responder: Side
}

const nothing = (message: Message) => [message]

async function connect(
  initiator = alice,
  responder = bob,
  setTamper: (message: Message, from: Role) => readonly Message[] = nothing,
): Promise<Connection> {
  const hello = HELLO.message({ protocol: 'peer-dh/1' })
  const hellos = { initiator: hello, responder: hello }
  const [one, other] = channelPair(
    message => setTamper(message, 'initiator'),
    message => setTamper(message, 'responder'),
  )
  async function side(raw: Channel, identity: Identity, role: Role): Promise<Side> {
    const upgrade = dhUpgrade({ identity, knownPeers: memoryOf(identity), groups: [testGroup] })
    const expected = role === 'initiator' ? responder.name : null
    try {
      return await upgrade.upgrade(raw, { role, hellos, expected })
    } catch (error) {
      if (error instanceof ChatError) raw.abort(error)
      throw error
    }
  }
  const sides = await Promise.allSettled([side(one, initiator, 'initiator'), side(other, responder, 'responder')])
  const [first, second] = sides
  if (first.status === 'rejected') throw first.reason
  if (second.status === 'rejected') throw second.reason
  return { raw: { initiator: one, responder: other }, initiator: first.value, responder: second.value }
}

const text = (words: string) => ({ type: TEXT.type, body: Uint8Array.from(Buffer.from(words)) })
const code = (name: string) => expect.objectContaining({ code: name })

describe('what is learnt', () => {
  test('between strangers', async () => {
    const { initiator, responder } = await connect()
    expect(initiator.security).toMatchObject({
      protocol: 'peer-dh/1',
      peer: 'bob',
      confidential: true,
      integrity: false,
      identity: 'new',
      fingerprint: bob.fingerprint,
      safetyNumber: safetyNumber(alice, bob),
      notices: [],
    })
    expect(responder.security).toMatchObject({ peer: 'alice', identity: 'new', fingerprint: alice.fingerprint })
    expect(responder.security.safetyNumber).toBe(initiator.security.safetyNumber)
    expect(initiator.security.precedes).toBe(Buffer.compare(alice.key, bob.key) < 0)
    expect(responder.security.precedes).toBe(!initiator.security.precedes)
  })

  test('of somebody called in vain, of somebody known, and of somebody verified', async () => {
    const { security } = (await connect()).initiator
    await security.remember()
    expect((await connect()).initiator.security.identity).toBe('new')
    await security.opened()
    const second = await connect()
    expect(second.initiator.security.identity).toBe('known')
    expect(second.responder.security.identity).toBe('new')
    await memoryOf(alice).markVerified('bob', bob.key)
    expect((await connect()).initiator.security.identity).toBe('verified')
  })

  test('of a known key under a new name', async () => {
    await memoryOf(alice).remember('bob', bob.key)
    const { security } = (await connect(alice, person('robert', 'bob'))).initiator
    expect(security).toMatchObject({ identity: 'new', notices: ['robert has the key that you know as bob'] })
  })
})

describe('a changed key', () => {
  test('blocks the caller, who has then said nothing about himself', async () => {
    await memoryOf(alice).remember('bob', bob.key)
    const sent: number[] = []
    const spy = (message: Message, from: Role) => {
      if (from === 'initiator') sent.push(message.type)
      return [message]
    }
    await expect(connect(alice, person('bob', 'mallory'), spy)).rejects.toEqual(code('key-changed'))
    expect(sent).toEqual([OFFER.type])
    expect(await memoryOf(alice).list()).toMatchObject([{ name: 'bob', key: bob.key }])
  })

  test('blocks who is called as well', async () => {
    await memoryOf(bob).remember('alice', alice.key)
    const sent: number[] = []
    const spy = (message: Message, from: Role) => {
      if (from === 'responder') sent.push(message.type)
      return [message]
    }
    await expect(connect(person('alice', 'mallory'), bob, spy)).rejects.toEqual(code('cut'))
    expect(sent.at(-1)).toBe(IDENTITY.type)
  })
})

describe('the channel', () => {
  test('carries texts both ways, hidden, and ends with a goodbye', async () => {
    const wire: Buffer[] = []
    const { initiator, responder } = await connect(alice, bob, message => {
      wire.push(Buffer.from(message.body))
      return [message]
    })
    await initiator.channel.send(text('meet me at the bridge'))
    await responder.channel.send(text('which bridge?'))
    expect(await responder.channel.receive()).toEqual(text('meet me at the bridge'))
    expect(await initiator.channel.receive()).toEqual(text('which bridge?'))
    expect(Buffer.concat(wire).includes('bridge')).toBe(false)
    await initiator.channel.close()
    expect(await responder.channel.receive()).toBeNull()
  })

  test('takes the end of the stream for a cut', async () => {
    const { raw, responder } = await connect()
    await raw.initiator.close()
    await expect(responder.channel.receive()).rejects.toEqual(code('cut'))
  })

  test('takes nothing but records any more', async () => {
    const { raw, responder } = await connect()
    await raw.initiator.send(text('in the clear'))
    await expect(responder.channel.receive()).rejects.toEqual(code('bad-record'))
  })

  test('does not notice a changed text: integrity is false', async () => {
    const { initiator, responder } = await connect(alice, bob, (message, from) => {
      if (message.type !== RECORD.type || from !== 'initiator') return [message]
      return [{ ...message, body: Uint8Array.from(message.body, (byte, i) => (i === 9 ? byte ^ 0x08 : byte)) }]
    })
    await initiator.channel.send(text('pay 10'))
    expect(await responder.channel.receive()).toEqual(text('pay 90'))
  })

  test('has room on the wire for everything it may say', () => {
    const { limits } = dhUpgrade({ identity: alice, knownPeers: memoryOf(alice), groups: defaultGroups() })
    expect(limits.get(RECORD.type)).toBe(66_000)
    for (const type of sessionLimits.keys()) expect(limits.has(type), `type ${type} outside of a record`).toBe(false)
  })
})

test('the default groups are those of docs/protocol.md, in its order', () => {
  const names = ['ffdhe3072', 'ffdhe4096', 'ffdhe2048', 'modp14', 'modp15', 'modp16']
  expect(defaultGroups().map(({ name }) => name)).toEqual(names)
})
