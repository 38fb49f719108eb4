import { ChatError } from '@p2p-secure-chat/core/errors'
import { expect, test } from 'vitest'
import { stretched, withSecondChance } from '../src/busy.ts'

test('times are never shorter than on a quiet machine', () => {
  expect(stretched(1_000)).toBeGreaterThanOrEqual(1_000)
})

test.each([
  ['misses no cue', [], 'the outcome', 1],
  ['misses one cue', [new ChatError('timeout', 'late')], 'the outcome', 2],
  ['misses two cues', [new ChatError('timeout', 'late'), new ChatError('timeout', 'late again')], 'late again', 2],
  ['goes wrong', [new Error('no such program')], 'no such program', 1],
])('a play that %s', async (_, failures, outcome, plays) => {
  let played = 0
  let told = 0
  async function play(): Promise<string> {
    const failure = failures[played]
    played += 1
    if (failure !== undefined) throw failure
    return 'the outcome'
  }
  const came = await withSecondChance(play, () => (told += 1)).catch((error: Error) => error.message)
  expect([came, played, told]).toEqual([outcome, plays, plays - 1])
})
