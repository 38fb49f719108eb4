import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { errorMessage } from '@p2p-secure-chat/core/wire/error-message'
import { TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { GOODBYE, HELLO, RECORD } from '@p2p-secure-chat/core/wire/common-messages'
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
  replace,
  rewrite,
  swapWithNext,
} from '../../stage/src/tampering.ts'
import { type Tamper, pass } from '../../stage/src/path.ts'
import { openStage, type Stage, TEXT_TWO, TEXTS } from './support/stage.ts'
import { ANSWER, CONFIRM, IDENTITY, OFFER } from '../src/messages.ts'

/** In the record of one text: where the text begins, behind length, type and id. */
const TEXT_AT = 13

let stage: Stage

beforeAll(async () => {
  stage = await openStage('dh-chat')
})

/** The record with alice's second text. */
const second = { from: 'dialler', type: RECORD.type, nth: TEXT_TWO } as const

test('through a proxy that does nothing, everything arrives, and nobody claims that it must', async () => {
  expect(await stage.play(pass)).toEqual({
    alice: { texts: [], ended: 'bye' },
    bob: { texts: TEXTS, ended: 'bye' },
  })
  for (const { events } of [stage.alice, stage.bob]) {
    expect(events.find(({ event }) => event === 'open')).toMatchObject({ confidential: true, integrity: false })
  }
})

describe('what succeeds on this rung, and is the reason for the next', () => {
  test('a flipped bit of a text arrives flipped', async () => {
    expect(await stage.play(on(second, flipBody(TEXT_AT, 0x20)))).toEqual({
      alice: { texts: [], ended: 'bye' },
      bob: { texts: ['one', 'Two', 'three'], ended: 'bye' },
    })
  })

  test('who knows a text can put any other of that length in its place', async () => {
    const known = Buffer.from('two')
    const wanted = Buffer.from('ten')
    const rewritten = replace(({ type, body }) => ({
      type,
      body: body.map((byte, i) => byte ^ (known[i - TEXT_AT] ?? 0) ^ (wanted[i - TEXT_AT] ?? 0)),
    }))
    const { bob } = await stage.play(on(second, rewritten))
    expect(bob).toEqual({ texts: ['one', 'ten', 'three'], ended: 'bye' })
  })

  test('who knows a text can make a goodbye of it, and what follows is lost with every appearance of order', async () => {
    const text = [0, 0, 0, 12, TEXT.type]
    const goodbye = [0, 0, 0, 1, GOODBYE.type]
    const forged = replace(({ type, body }) => ({
      type,
      body: body.subarray(0, goodbye.length).map((byte, i) => byte ^ (text[i] ?? 0) ^ (goodbye[i] ?? 0)),
    }))
    // Nothing that alice says afterwards may arrive and tell.
    const muted: Tamper = (frame, forward) =>
      frame.from === 'dialler' && frame.nth > TEXT_TWO ? discard(frame, forward) : on(second, forged)(frame, forward)
    expect(await stage.play(muted)).toEqual({
      alice: { texts: [], ended: 'bye' },
      bob: { texts: ['one'], ended: 'bye' },
    })
  })
})

describe('what fails, because the key stream or the order of the conversation does not fit any more', () => {
  const forgedText = { type: TEXT.type, body: Buffer.from('\0\0\0\0\0\0\0\x02forged', 'latin1') }

  test.each<[what: string, tamper: Tamper, texts: readonly string[], code: string]>([
    ['a flipped bit in the id of a text', on(second, flipBody(12, 4)), ['one'], 'bad-message'],
    ['a flipped bit in the type inside', on(second, flipBody(4, 0x80)), ['one'], 'bad-record'],
    ['a type that is no record', on(second, flip(4)), ['one'], 'bad-record'],
    ['a record twice', on(second, repeat), ['one', 'two'], 'bad-record'],
    ['two records in the wrong order', on(second, swapWithNext), ['one'], 'bad-record'],
    ['a missing record', on(second, discard), ['one'], 'bad-record'],
    [
      'a plain GOODBYE',
      on(second, followWith({ type: GOODBYE.type, body: new Uint8Array() })),
      ['one', 'two'],
      'bad-record',
    ],
    ['a plain TEXT', on(second, followWith(forgedText)), ['one', 'two'], 'bad-record'],
    [
      'a plain ERROR',
      on(second, followWith(errorMessage(new ChatError('declined', 'forged')))),
      ['one', 'two'],
      'bad-record',
    ],
  ])('%s', async (_, tamper, texts, code) => {
    const { alice, bob } = await stage.play(tamper)
    expect(bob).toEqual({ texts, ended: code })
    expect(alice.texts).toEqual([])
  })

  test.each([
    ['inside a record', cutInside],
    ['between records', cutBefore],
  ])('a cut %s, after which the conversation goes on in another connection', async (_, tamper) => {
    expect(await stage.play(once(second, tamper))).toEqual({
      alice: { texts: [], ended: 'bye', interrupted: ['cut'] },
      bob: { texts: TEXTS, ended: 'bye', interrupted: ['cut'] },
    })
  })

  test('a record that is sent back to its sender', async () => {
    const { alice } = await stage.play(on(second, reflect))
    expect(alice).toEqual({ texts: [], ended: 'bad-record' })
  })
})

describe('the handshake', () => {
  test.each([
    ['OFFER', 'dialler', OFFER.type],
    ['ANSWER', 'listener', ANSWER.type],
    ['the IDENTITY of bob', 'listener', IDENTITY.type],
    ['the IDENTITY of alice', 'dialler', IDENTITY.type],
    ['CONFIRM', 'listener', CONFIRM.type],
  ] as const)('fails after a flipped bit in %s', async (_, from, type) => {
    for (const at of [5, 35, -1]) {
      const { alice, bob } = await stage.play(on({ from, type }, flip(at, 2)))
      expect([at, alice, bob.texts]).toEqual([at, { texts: [], ended: 'handshake-failed' }, []])
    }
  })

  test.each(['dialler', 'listener'] as const)('fails after a harmless change in the hello of the %s', async from => {
    const { alice } = await stage.play(on({ from, type: HELLO.type }, rewrite({ remark: 'harmless' })))
    expect(alice.ended).toBe('handshake-failed')
  })

  test('that was cut is told from one that was refused', async () => {
    expect(await stage.callOnce(on({ from: 'listener', type: IDENTITY.type }, cutInside))).toMatchObject({
      exitCode: 1,
      code: 'cut',
    })
    expect(await stage.callOnce(on({ from: 'listener', type: IDENTITY.type }, flip(-1)))).toMatchObject({
      exitCode: 3,
      code: 'handshake-failed',
    })
  })
})

describe('a public value of', () => {
  const { p, bytes } = namedGroup('ffdhe2048')
  const hex = (value: bigint) => value.toString(16).padStart(2 * bytes, '0')

  test.each([
    ['0', hex(0n)],
    ['1', hex(1n)],
    ['p - 1', hex(p - 1n)],
    ['p', hex(p)],
    ['p + 1', hex(p + 1n)],
    ['p - 2, which is no square', hex(p - 2n)],
    ['4 without its zeros in front', '04'],
    ['4 with one zero byte too many', `00${hex(4n)}`],
  ])('%s is refused, whoever gets it', async (_, value) => {
    const offered = await stage.play(on({ from: 'dialler', type: OFFER.type }, rewrite({ public: value })))
    expect(offered.alice.ended).toBe('handshake-failed')
    const answered = await stage.play(on({ from: 'listener', type: ANSWER.type }, rewrite({ public: value })))
    expect(answered.alice.ended).toBe('bad-public-value')
  })

  test('0 ends a caller with --to with exit code 3', async () => {
    const outcome = await stage.callOnce(on({ from: 'listener', type: ANSWER.type }, rewrite({ public: hex(0n) })))
    expect(outcome).toEqual({ exitCode: 3, reason: 'error', code: 'bad-public-value' })
  })
})
