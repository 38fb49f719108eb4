import { randomBytes, randomInt } from 'node:crypto'
import { keystream } from '@p2p-secure-chat/core/cipher/keystream'
import { mac } from '@p2p-secure-chat/core/cipher/mac'
import { ChatError, ERRORS } from '@p2p-secure-chat/core/errors'
import { errorMessage } from '@p2p-secure-chat/core/wire/error-message'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { ERROR, HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import type { Role } from '@p2p-secure-chat/core/wire/upgrade'
import { describe, expect, test } from 'vitest'
import { channelPair, type Path } from '../../../core/test/support/channel-pair.ts'
import { dialogue } from '../../src/handshake/dialogue.ts'
import { type IdentityPlace, identityPlaintext } from '../../src/handshake/identity-message.ts'
import { agreeOnSecret } from '../../src/handshake/key-agreement.ts'
import { handshakeKeys } from '../../src/handshake/key-schedule.ts'
import type { ProvenPeer } from '../../src/identity/identity.ts'
import { signed } from '../../src/identity/ed25519-key.ts'
import { transcriptOf } from '../../src/handshake/transcript.ts'
import { alice, bob } from '../support/people.ts'
import { codeOf, codesOf, done, optionsFor, outcomeOf, type Run, runHandshake } from '../support/run-handshake.ts'
import { otherTestGroup, testGroup } from '../support/test-group.ts'
import { ANSWER, CONFIRM, IDENTITY, OFFER } from '../../src/messages.ts'

describe('somebody on the path', () => {
  const { hellos } = optionsFor('initiator')
  const agreement = { groups: [testGroup], random: randomBytes }

  test('who sends everything back to its sender gets nowhere', async () => {
    const [one, other] = channelPair()
    const outcome = outcomeOf(one, optionsFor('initiator'))
    await other.send((await other.receive()) ?? expect.fail('nothing came'))
    expect(codeOf(await outcome)).toBe('handshake-failed')
  })

  test('the values of the offer, sent back as an answer, make no keys', async () => {
    let offer: Message | undefined
    const run = await runHandshake({}, {}, message => {
      if (message.type === OFFER.type) offer = message
      return message.type === ANSWER.type && offer !== undefined ? [{ ...offer, type: ANSWER.type }] : [message]
    })
    expect(codesOf(run)).toEqual({ initiator: 'handshake-failed', responder: 'handshake-failed' })
  })

  test.each([
    ['in the place of ANSWER is taken at its word', ANSWER.type, 'no-common-group'],
    ['after it is just another refusal', IDENTITY.type, 'handshake-failed'],
  ])('who says no-common-group %s', async (_, place, code) => {
    const lie = errorMessage(new ChatError('no-common-group', 'none'))
    const run = await runHandshake({}, {}, ({ type, body }, from) =>
      from === 'responder' && type === place ? [lie] : [{ type, body }],
    )
    expect(codesOf(run).initiator).toBe(code)
  })

  test('a side that gets its own IDENTITY back refuses it', async () => {
    let theirs: Message | undefined
    const run = await runHandshake({}, {}, (message, from) => {
      if (message.type === IDENTITY.type && from === 'responder') theirs = message
      return message.type === IDENTITY.type && theirs !== undefined ? [theirs] : [message]
    })
    expect(codesOf(run)).toEqual({ initiator: 'handshake-failed', responder: 'handshake-failed' })
  })

  test('what an initiator said once is worth nothing to a responder later', async () => {
    const before = await runHandshake()
    const [one, other] = channelPair()
    for (const { from, message } of before.sent) if (from === 'initiator') await one.send(message)
    expect(codeOf(await outcomeOf(other, optionsFor('responder')))).toBe('handshake-failed')
  })

  test.each([
    ['as it is', false],
    ['under a mac of her own', true],
  ])('mallory, who exchanges keys with both, cannot pass on the proof of bob %s', async (_, freshMac) => {
    const [aliceSide, towardsAlice] = channelPair()
    const [towardsBob, bobSide] = channelPair()
    const trusted: ProvenPeer[] = []
    const trust = async (peer: ProvenPeer) => void trusted.push(peer)
    const atAlice = outcomeOf(aliceSide, optionsFor('initiator', { trust }))
    const atBob = outcomeOf(bobSide, optionsFor('responder', { trust }))

    const withBob = await agreeOnSecret(dialogue(towardsBob, 'initiator'), transcriptOf(hellos), agreement)
    const bobKeys = handshakeKeys('peer-dh/1', withBob.transcript.hash(), withBob.shared).responder
    const { body } = (await towardsBob.receive()) ?? expect.fail('nothing came')
    const proof = keystream(bobKeys.encryption).xor(body.subarray(0, 161))
    expect(Buffer.from(proof.subarray(1, 4)).toString()).toBe('bob')

    const { transcript, shared } = await agreeOnSecret(
      dialogue(towardsAlice, 'responder'),
      transcriptOf(hellos),
      agreement,
    )
    const keys = handshakeKeys('peer-dh/1', transcript.hash(), shared).responder
    if (freshMac) proof.set(mac(keys.mac, transcript.hash(proof.subarray(0, 129))), 129)
    const ciphertext = keystream(keys.encryption).xor(proof)
    await towardsAlice.send({ type: IDENTITY.type, body: Buffer.concat([ciphertext, mac(keys.tag, ciphertext)]) })
    towardsBob.abort(new ChatError('closed', 'enough'))

    expect([codeOf(await atAlice), codeOf(await atBob)]).toEqual(['handshake-failed', 'cut'])
    expect(trusted).toEqual([])
  })

  /** Answers alice's call with whatever proof a test makes, by somebody who holds all keys of the exchange. */
  async function answeredWith(prove: (place: IdentityPlace) => Uint8Array) {
    const [one, other] = channelPair()
    const trust = () => expect.fail('a false proof was trusted')
    const outcome = outcomeOf(one, optionsFor('initiator', { trust }))
    const options = agreement
    const { transcript, shared } = await agreeOnSecret(dialogue(other, 'responder'), transcriptOf(hellos), options)
    const keys = handshakeKeys('peer-dh/1', transcript.hash(), shared).responder
    const proof = prove({ protocol: 'peer-dh/1', role: 'responder', keys, transcript })
    const ciphertext = keystream(keys.encryption).xor(proof)
    await other.send({ type: IDENTITY.type, body: Buffer.concat([ciphertext, mac(keys.tag, ciphertext)]) })
    return codeOf(await outcome)
  }

  test('no byte of a proof may be another one', async () => {
    for (let at = 0; at < 161; at += 1) {
      const code = await answeredWith(place => {
        const proof = identityPlaintext(place, bob)
        return proof.fill((proof[at] ?? 0) ^ (1 << randomInt(8)), at, at + 1)
      })
      expect(code, `byte ${at}`).toBe('handshake-failed')
    }
  })

  test('what pads the name is zeros, even where it is signed', async () => {
    const code = await answeredWith(({ keys, transcript }) => {
      const who = Buffer.concat([Buffer.from('\x03bob'.padEnd(32, '\0')), Uint8Array.of(1), bob.key])
      const signature = bob.sign(signed('p2p-secure-chat peer-dh/1 responder signature', transcript.hash(who)))
      return Buffer.concat([who, signature, mac(keys.mac, transcript.hash(who, signature))])
    })
    expect(code).toBe('handshake-failed')
  })

  test('who leaves in the middle has cut the handshake', async () => {
    const [one, other] = channelPair()
    const outcome = outcomeOf(one, optionsFor('initiator'))
    await other.close()
    expect(codeOf(await outcome)).toBe('cut')
  })

  test('a refusal by the other side is a failed handshake, and keeps what it said', async () => {
    const [one, other] = channelPair()
    const outcome = outcomeOf(one, optionsFor('initiator'))
    await other.send(errorMessage(new ChatError('bad-message', 'that makes no sense')))
    expect(await outcome).toMatchObject({
      code: 'handshake-failed',
      message: expect.stringContaining('that makes no sense'),
      cause: { code: 'bad-message' },
    })
  })

  test('who is refused once their key was seen hears what is likely; before that, and for another reason, they do not', async () => {
    const refuse = (at: Role, type: number, why: ChatError) =>
      runHandshake({}, {}, (message, from) => (from === at && message.type === type ? [errorMessage(why)] : [message]))
    const refused = new ChatError('bad-message', 'refused')
    const initiator = (await refuse('responder', CONFIRM.type, refused)).initiator
    const responder = (await refuse('initiator', IDENTITY.type, refused)).responder
    const likely = (who: string, whom: string, us: string) =>
      `${who} may remember another key of yours; if you have a new device, ask ${whom} to type /forget ${us}; ` +
      'if not, someone on the path may be interfering'
    expect(initiator).toMatchObject({ code: 'handshake-failed', hint: likely('bob', 'bob', 'alice') })
    expect(responder).toMatchObject({ code: 'handshake-failed', hint: likely('the caller', 'them', 'bob') })
    for (const [run, code] of [
      [await refuse('responder', IDENTITY.type, refused), 'handshake-failed'],
      [await refuse('responder', CONFIRM.type, new ChatError('timeout', 'too slow')), 'timeout'],
    ] as const) {
      expect(run.initiator).toMatchObject({ code, hint: ERRORS[code].hint })
    }
  })

  test('only that there is no room now is no failed handshake: the caller may try again', async () => {
    const [one, other] = channelPair()
    const outcome = outcomeOf(one, optionsFor('initiator'))
    await other.send(errorMessage(new ChatError('too-many', 'no processor time is left')))
    expect(codeOf(await outcome)).toBe('too-many')
  })

  test.each([
    ['initiator', OFFER.type],
    ['initiator', IDENTITY.type],
    ['responder', ANSWER.type],
    ['responder', IDENTITY.type],
    ['responder', CONFIRM.type],
  ] as const)(
    "who cuts the connection at the %s's message of type %i is told from who interferes",
    async (from, type) => {
      const [one, other] = channelPair(cutAt('initiator'), cutAt('responder'))
      function cutAt(role: Role): Path {
        return message => {
          if (role !== from || message.type !== type) return [message]
          const cut = new ChatError('cut', 'the connection broke')
          queueMicrotask(() => [one, other].forEach(side => side.abort(cut)))
          return []
        }
      }
      const outcomes = await Promise.all([
        outcomeOf(one, optionsFor('initiator')),
        outcomeOf(other, optionsFor('responder')),
      ])
      const last = type === CONFIRM.type
      expect(outcomes.map(codeOf)).toEqual(['cut', last ? 'done' : 'cut'])
    },
  )

  test('two initiators refuse each other', async () => {
    const [one, other] = channelPair()
    const outcomes = await Promise.all([
      outcomeOf(one, optionsFor('initiator')),
      outcomeOf(other, optionsFor('initiator', { identity: bob, expected: 'alice' })),
    ])
    expect(outcomes.map(codeOf)).toEqual(['handshake-failed', 'handshake-failed'])
  })

  test('two responders wait until a deadline of the caller ends it', async () => {
    const [one, other] = channelPair()
    const outcomes = [outcomeOf(one, optionsFor('responder')), outcomeOf(other, optionsFor('responder'))]
    one.abort(new ChatError('timeout', 'the handshake did not come within 10 seconds'))
    expect((await Promise.all(outcomes)).map(codeOf)).toEqual(['timeout', 'cut'])
  })

  test('the other protocol has other keys and other signatures', async () => {
    const hello = HELLO.message({ protocol: 'peer-dh/1' })
    const same = { hellos: { initiator: hello, responder: hello } }
    const run = await runHandshake({ protocol: 'peer-dh/1', ...same }, { protocol: 'peer-aes/1', ...same })
    expect(codesOf(run)).toEqual({ initiator: 'handshake-failed', responder: 'handshake-failed' })
  })

  test.each([OFFER.type, ANSWER.type, IDENTITY.type, CONFIRM.type])(
    'a message of type %i is refused when it is too short or too long',
    async type => {
      for (const length of [0, 1, 31, 33, 160, 192, 194]) {
        const run = await runHandshake({}, {}, message =>
          message.type === type
            ? [{ type, body: Buffer.concat([message.body, new Uint8Array(200)]).subarray(0, length) }]
            : [message],
        )
        expect(codesOf(run).initiator).toBe('handshake-failed')
        if (type !== CONFIRM.type) expect(codesOf(run).responder).toBe('handshake-failed')
      }
    },
  )
})

describe('one bit', () => {
  const groups = { initiator: [testGroup, otherTestGroup], responder: [otherTestGroup, testGroup] }

  /** Runs a handshake in which one bit of the n-th message of a side is flipped. */
  function flipped(from: Role, index: number, at: number, bit: number): Promise<Run> {
    const seen = { initiator: 0, responder: 0 }
    return runHandshake({ groups: groups.initiator }, { groups: groups.responder }, (message, speaker) => {
      if (message.type === ERROR.type) return [message]
      const matches = speaker === from && seen[speaker] === index
      seen[speaker] += 1
      if (!matches) return [message]
      if (at < 0) return [{ ...message, type: message.type ^ (1 << bit) }]
      const body = Uint8Array.from(message.body, (byte, i) => (i === at ? byte ^ (1 << bit) : byte))
      return [{ ...message, body }]
    })
  }

  const script = [
    ['initiator', 0, 'OFFER'],
    ['responder', 0, 'RETRY'],
    ['initiator', 1, 'second OFFER'],
    ['responder', 1, 'ANSWER'],
    ['responder', 2, 'IDENTITY of the responder'],
    ['initiator', 2, 'IDENTITY of the initiator'],
  ] as const

  test.each(script)("of the %s's message %i, %s, makes both sides fail", async (from, index) => {
    const plain = await runHandshake({ groups: groups.initiator }, { groups: groups.responder })
    const length = plain.sent.filter(sent => sent.from === from)[index]?.message.body.length ?? 0
    expect(length).toBeGreaterThan(0)
    for (let at = -1; at < length; at += 1) {
      const bit = randomInt(8)
      const run = await flipped(from, index, at, bit)
      expect(Object.values(codesOf(run)), `byte ${at} bit ${bit}`).not.toContain('done')
      // Whatever happened before it, the initiator notices before it says who it is.
      const introduced = run.sent.some(({ from, message }) => from === 'initiator' && message.type === IDENTITY.type)
      expect(introduced, `byte ${at} bit ${bit}`).toBe(from === 'initiator' && index === 2)
    }
  })

  test('of CONFIRM makes the initiator fail; the responder has the right peer and hears nothing more', async () => {
    for (let at = -1; at < 32; at += 1) {
      const bit = randomInt(8)
      const run = await flipped('responder', 3, at, bit)
      expect(codeOf(run.initiator), `byte ${at} bit ${bit}`).toBe('handshake-failed')
      expect(done(run.responder).peer.key).toEqual(alice.key)
    }
  })

  test.each(['initiator', 'responder'] as const)("of the %s's hello makes both sides fail", async who => {
    const hello = HELLO.message({ protocol: 'peer-dh/1' })
    for (let at = 0; at < hello.body.length; at += 1) {
      const altered = { ...hello, body: Uint8Array.from(hello.body, (byte, i) => (i === at ? byte ^ 1 : byte)) }
      const hellos = { initiator: hello, responder: hello, [who]: altered }
      const run = await runHandshake(who === 'initiator' ? {} : { hellos }, who === 'initiator' ? { hellos } : {})
      expect(codesOf(run)).toEqual({ initiator: 'handshake-failed', responder: 'handshake-failed' })
    }
  })
})
