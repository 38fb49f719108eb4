import { expect, test } from 'vitest'
import { type CrossedOutcome, crossing, PEER_STATES } from '../../src/chat/peer-states.ts'

/** Whose call goes on where the caller is whom we call: with the smaller identity on our side, on theirs; and a stranger's. */
const EXPECTED: Readonly<
  Record<string, readonly [wePrecede: CrossedOutcome, theyPrecede: CrossedOutcome, stranger: CrossedOutcome]>
> = {
  'none/dialling': ['theirs', 'theirs', 'wait'],
  'none/refused': ['theirs', 'theirs', 'apart'],
  'none/placed': ['ours', 'theirs', 'ours'],
  'none/yielded': ['theirs', 'theirs', 'ours'],
}

test.each(PEER_STATES)('a call that comes while %s', state => {
  const [wePrecede, theyPrecede, stranger] = EXPECTED[state] ?? ['apart', 'apart', 'apart']
  expect(crossing(state, { isCallee: true, wePrecede: true })).toBe(wePrecede)
  expect(crossing(state, { isCallee: true, wePrecede: false })).toBe(theyPrecede)
  for (const smaller of [true, false]) expect(crossing(state, { isCallee: false, wePrecede: smaller })).toBe(stranger)
})

test('two who call each other come to the same answer, however far both calls are', () => {
  const placed = 'none/placed'
  for (const state of ['none/dialling', placed] as const) {
    for (const alicePrecedes of [true, false]) {
      // Bob hears alice's call, which is placed, and his own is in some state.
      const bobSays = crossing(state, { isCallee: true, wePrecede: !alicePrecedes })
      if (state !== placed) {
        // His own call was not heard, so alice is never asked.
        expect(bobSays).toBe('theirs')
        continue
      }
      const aliceSays = crossing(placed, { isCallee: true, wePrecede: alicePrecedes })
      expect([aliceSays, bobSays].toSorted()).toEqual(['ours', 'theirs'])
    }
  }
})
