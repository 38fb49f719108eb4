import type { Side } from '@p2p-secure-chat/core/capture/tcp-conversation'
import { errorMessage } from '@p2p-secure-chat/core/wire/error-message'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { GOODBYE, HELLO, RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import { ANSWER, CONFIRM, IDENTITY, OFFER } from '@p2p-secure-chat/dh-chat/messages'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  cutBefore,
  cutInside,
  discard,
  flip,
  flipBody,
  followWith,
  on,
  once,
  reflect,
  repeat,
  rewrite,
  swapWithNext,
} from '../../../stage/src/tampering.ts'
import { type Tamper, pass, type Passing } from '../../../stage/src/path.ts'
import { openStage, type Stage, TEXT_ONE, TEXT_TWO, TEXTS } from '../../../dh-chat/test/support/stage.ts'

const plainGoodbye = { type: GOODBYE.type, body: new Uint8Array() }
const plainText = { type: TEXT.type, body: Buffer.from('\0\0\0\0\0\0\0\x02forged', 'latin1') }
const plainError = errorMessage(new ChatError('declined', 'forged'))

let stage: Stage

beforeAll(async () => {
  stage = await openStage('aes-chat')
})

test('through a proxy that does nothing, everything arrives', async () => {
  expect(await stage.play(pass)).toEqual({
    alice: { texts: [], ended: 'bye' },
    bob: { texts: TEXTS, ended: 'bye' },
  })
  expect(await stage.play(pass, 'bob')).toEqual({
    alice: { texts: TEXTS, ended: 'bye' },
    bob: { texts: [], ended: 'bye' },
  })
  expect(await stage.callOnce(pass)).toEqual({ exitCode: 0, reason: 'bye', code: null })
})

/** The record with the second text. */
const second = (from: Side) => ({ from, type: RECORD.type, nth: TEXT_TWO })

/** Sends the record of the first text again in place of the third one. */
function replayLater(from: Side): Tamper {
  let first: Passing | null = null
  return (frame, forward) => {
    if (frame.from !== from || frame.type !== RECORD.type) return pass(frame, forward)
    if (frame.nth === TEXT_ONE) first = frame
    return pass(frame.nth === TEXT_TWO + 1 && first !== null ? first : frame, forward)
  }
}

describe.each([
  ['alice', 'dialler', 'bob'],
  ['bob', 'listener', 'alice'],
] as const)('of the records of %s', (speaker, from, victim) => {
  test.each<[what: string, tamper: Tamper, texts: readonly string[]]>([
    ['a flipped bit in the IV', on(second(from), flipBody(0)), ['one']],
    ['a flipped bit in the ciphertext', on(second(from), flipBody(16 + 10)), ['one']],
    ['a flipped bit in the tag', on(second(from), flip(-1, 0x80)), ['one']],
    ['a type that is no record', on(second(from), flip(4)), ['one']],
    ['a type that does not exist', on(second(from), flip(4, 0x80)), ['one']],
    ['a length that says one byte more', on(second(from), flip(3)), ['one']],
    ['a length beyond every limit', on(second(from), flip(0)), ['one']],
    ['a record twice', on(second(from), repeat), ['one', 'two']],
    ['the first record again, later', replayLater(from), ['one', 'two']],
    ['two records in the wrong order', on(second(from), swapWithNext), ['one']],
    ['a missing record', on(second(from), discard), ['one']],
    ['a plain GOODBYE between the records', on(second(from), followWith(plainGoodbye)), ['one', 'two']],
    ['a plain TEXT between the records', on(second(from), followWith(plainText)), ['one', 'two']],
    ['a plain ERROR between the records', on(second(from), followWith(plainError)), ['one', 'two']],
  ])('%s ends the conversation as bad-record, and nothing forged is shown', async (_, tamper, texts) => {
    const scene = await stage.play(tamper, speaker)
    expect(scene[victim]).toEqual({ texts, ended: 'bad-record' })
    expect(scene[speaker]).toMatchObject({ texts: [], ended: 'cut' })
  })

  test('one that is sent back to its sender ends the conversation there', async () => {
    const scene = await stage.play(on(second(from), reflect), speaker)
    expect(scene[speaker]).toEqual({ texts: [], ended: 'bad-record' })
    // Whether the third text was on its way when the sender left decides what the other side is told.
    expect(scene[victim]).toMatchObject({ texts: ['one'], ended: expect.stringMatching(/^(cut|bad-record)$/) })
  })

  test.each([
    ['in the middle of one', cutInside],
    ['between two', cutBefore],
  ])('a cut %s is no goodbye: it is told, and in another connection everything arrives once', async (_, tamper) => {
    const scene = await stage.play(once(second(from), tamper), speaker)
    expect(scene[victim]).toEqual({ texts: TEXTS, ended: 'bye', interrupted: ['cut'] })
    expect(scene[speaker]).toEqual({ texts: [], ended: 'bye', interrupted: ['cut'] })
  })
})

test.each<[what: string, tamper: Tamper, exitCode: number, code: string]>([
  ['altered receipts', on({ from: 'listener', type: RECORD.type, nth: 1 }, flipBody(20)), 3, 'bad-record'],
  ['an altered ACCEPT', on({ from: 'listener', type: RECORD.type }, flipBody(20)), 3, 'bad-record'],
  ['an ACCEPT that comes twice', on({ from: 'listener', type: RECORD.type }, repeat), 3, 'bad-record'],
  ['a forged GOODBYE', on({ from: 'listener', type: RECORD.type }, followWith(plainGoodbye)), 3, 'bad-record'],
  ['an altered CALL', on({ from: 'dialler', type: RECORD.type }, flipBody(20)), 1, 'cut'],
  ['altered texts, which bob refuses', on({ from: 'dialler', type: RECORD.type, nth: 1 }, flipBody(20)), 1, 'cut'],
  ['a cut after ACCEPT', on({ from: 'listener', type: RECORD.type, nth: 1 }, cutBefore), 1, 'cut'],
  ['a cut inside the receipts', on({ from: 'listener', type: RECORD.type, nth: 1 }, cutInside), 1, 'cut'],
  ['an altered CONFIRM', on({ from: 'listener', type: CONFIRM.type }, flipBody(0)), 3, 'handshake-failed'],
])('%s: a caller with --to ends with the right exit code', async (_, tamper, exitCode, code) => {
  expect(await stage.callOnce(tamper)).toMatchObject({ exitCode, code, reason: code === 'cut' ? 'cut' : 'error' })
})

test('who is called learns that somebody altered the call, although it never rang', async () => {
  await stage.callOnce(on({ from: 'dialler', type: RECORD.type }, flipBody(20)))
  const told = stage.bob.events.filter(event => event.event === 'error').map(event => [event.code, event.message])
  expect(told).toContainEqual(['bad-record', expect.stringMatching(/^no call from carol: /)])
})

describe('of the handshake', () => {
  const altered = (from: Side, type: number) => ({
    'its type': on({ from, type }, flip(4)),
    'its first byte': on({ from, type }, flipBody(0)),
    'a byte in its middle': on({ from, type }, flipBody(30, 2)),
    'its last byte': on({ from, type }, flip(-1)),
  })

  test.each([
    ['OFFER', 'dialler', OFFER.type],
    ['ANSWER', 'listener', ANSWER.type],
    ['the IDENTITY of bob', 'listener', IDENTITY.type],
    ['the IDENTITY of alice', 'dialler', IDENTITY.type],
    ['CONFIRM', 'listener', CONFIRM.type],
  ] as const)('a flipped bit in %s makes it fail', async (_, from, type) => {
    for (const [where, tamper] of Object.entries(altered(from, type))) {
      const { alice, bob } = await stage.play(tamper)
      expect([where, alice, bob.texts]).toEqual([where, { texts: [], ended: 'handshake-failed' }, []])
    }
  })

  test.each(['dialler', 'listener'] as const)(
    'a change that the hello of the %s survives makes it fail',
    async from => {
      const { alice } = await stage.play(on({ from, type: HELLO.type }, rewrite({ remark: 'harmless' })))
      expect(alice.ended).toBe('handshake-failed')
    },
  )

  test('a hello for another rung or version is told as such: nobody steps down', async () => {
    const hello = { from: 'listener', type: HELLO.type } as const
    expect((await stage.play(on(hello, rewrite({ protocol: 'peer-dh/1' })))).alice.ended).toBe('wrong-protocol')
    expect((await stage.play(on(hello, rewrite({ protocol: 'peer-aes/0' })))).alice.ended).toBe('wrong-version')
  })

  test('who changes the list of groups in an offer is found out', async () => {
    const groups = ['ffdhe2048', 'ffdhe3072']
    const { alice } = await stage.play(on({ from: 'dialler', type: OFFER.type }, rewrite({ groups })))
    expect(alice.ended).toBe('handshake-failed')
  })

  test.each([
    ['OFFER', { from: 'dialler', type: OFFER.type }],
    ['ANSWER', { from: 'listener', type: ANSWER.type }],
    ['IDENTITY', { from: 'dialler', type: IDENTITY.type }],
  ] as const)('a cut inside %s is a cut', async (_, which) => {
    expect((await stage.play(on(which, cutInside))).alice.ended).toBe('cut')
  })
})
