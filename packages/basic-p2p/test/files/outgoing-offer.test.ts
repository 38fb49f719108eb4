import { setImmediate as nextTurn } from 'node:timers/promises'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { expect, onTestFinished, test } from 'vitest'
import { FileTeller } from '../../src/files/file-update.ts'
import { OutgoingOffer, type OfferOutcome } from '../../src/files/outgoing-offer.ts'
import type { SourceFile } from '../../src/files/source-file.ts'
import { FILE_OFFER } from '../../src/messages/files.ts'

const SIZE = 1_000
const send = () => Promise.resolve()

/** An offer of a file whose disk answers only when the test says so. */
function offering() {
  const reads: (() => void)[] = []
  const outcomes: OfferOutcome[] = []
  const source: SourceFile = {
    path: '/photo.jpg',
    name: 'photo.jpg',
    size: SIZE,
    sha256: '',
    read: () => new Promise<void>(resolve => reads.push(resolve)),
    requireUnchanged: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
  const facts = { direction: 'out', id: 1, name: source.name, size: source.size, sha256: source.sha256 } as const
  const teller = new FileTeller(facts, () => undefined)
  const offer = new OutgoingOffer({ id: 1, source, teller, onEnded: outcome => void outcomes.push(outcome) })
  onTestFinished(() => offer.abandon('closed', ''))
  return { offer, reads, outcomes }
}

/** Brings an offer into each state. */
const states: Readonly<Record<string, (offer: OutgoingOffer) => void>> = {
  suspended: () => undefined,
  offered: offer => offer.connect(send),
  sending(offer) {
    offer.connect(send)
    offer.accepted(0)
  },
  ended: offer => offer.cancel('cancelled', ''),
}

const messages: Readonly<Record<string, (offer: OutgoingOffer) => void>> = {
  ACCEPT: offer => offer.accepted(0),
  PROGRESS: offer => offer.progressed(1),
  'RESULT with null': offer => offer.resulted(null),
  'RESULT with a code': offer => offer.resulted('declined'),
}

/** @returns the code of what it throws; null for nothing */
function codeOf(act: () => void): string | null {
  try {
    act()
    return null
  } catch (error) {
    return error instanceof ChatError ? error.code : String(error)
  }
}

test.each([
  ['suspended', 'ACCEPT', 'unexpected-message'],
  ['suspended', 'PROGRESS', 'unexpected-message'],
  ['suspended', 'RESULT with null', 'bad-message'],
  ['suspended', 'RESULT with a code', null],
  ['offered', 'ACCEPT', null],
  ['offered', 'PROGRESS', 'unexpected-message'],
  ['offered', 'RESULT with null', 'bad-message'],
  ['offered', 'RESULT with a code', null],
  ['sending', 'ACCEPT', 'unexpected-message'],
  ['sending', 'PROGRESS', 'bad-message'],
  ['sending', 'RESULT with null', 'bad-message'],
  ['sending', 'RESULT with a code', null],
])('%s, %s: %s', (state, message, code) => {
  const { offer, outcomes } = offering()
  states[state]?.(offer)
  expect(codeOf(() => messages[message]?.(offer))).toBe(code)
  expect(outcomes.map(({ code }) => code)).toEqual(message === 'RESULT with a code' ? ['declined'] : [])
})

test.each(['offered', 'sending', 'ended'])('to offer what is %s is a mistake of ours', state => {
  const { offer } = offering()
  states[state]?.(offer)
  expect(() => offer.connect(send)).toThrow(TypeError)
})

test('a read that belongs to a broken connection ends before the next one fills the same buffers', async () => {
  const { offer, reads } = offering()
  offer.connect(send)
  offer.accepted(0)
  await nextTurn()
  offer.suspend()
  offer.connect(send)
  offer.accepted(0)
  await nextTurn()
  expect(reads).toHaveLength(1)
  reads[0]?.()
  await nextTurn()
  expect(reads).toHaveLength(2)
})

test('a broken connection gets nothing more, also of what is being read', async () => {
  const { offer, reads } = offering()
  const types: number[] = []
  offer.connect(async ({ type }) => void types.push(type))
  offer.accepted(0)
  await nextTurn()
  offer.suspend()
  reads[0]?.()
  await nextTurn()
  expect(types).toEqual([FILE_OFFER.type])
})

test('a receiver that had all of it before the connection broke may say so at once on the next one', async () => {
  const { offer, reads, outcomes } = offering()
  offer.connect(send)
  offer.accepted(0)
  await nextTurn()
  reads[0]?.()
  await nextTurn()
  offer.suspend()
  offer.connect(send)
  offer.resulted(null)
  expect(outcomes).toMatchObject([{ code: null, bytes: SIZE }])
})
