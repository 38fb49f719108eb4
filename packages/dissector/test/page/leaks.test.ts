import { expect, test } from 'vitest'
import { leakCounter } from '../../src/page/leaks.ts'
import { recordPart, talk } from '../support/seen.ts'

test('the sizes of records are counted, and told apart by what they can carry', () => {
  const { connection, say } = talk(0, 'peer-aes/1', '10.0.0.2', '10.0.0.3')
  const leaks = leakCounter(connection)
  for (const bucket of [64, 128, 64]) {
    const seen = say('dialler', recordPart(bucket, 'sealed'))
    if (seen.kind === 'frame') leaks.add(seen.frame)
  }
  expect(leaks.leaks('peer-aes/1').sizes).toEqual([
    { size: 133, count: 2, means: 'bucket of 64: one text of 0 to 47 bytes, or anything else that fits' },
    { size: 197, count: 1, means: 'bucket of 128: one text of 48 to 111 bytes, or anything else that fits' },
  ])
  expect(leaks.leaks('peer-dh/1').sizes[0]?.means).toContain('128 bytes of frames: if it is one text, 115 bytes')
  expect(leaks.leaks('peer-aes/1').facts).toEqual([
    'Who: 10.0.0.2 dialled 10.0.0.3, port 10001.',
    'When: 0.08 s long; the longest silence 0.04 s.',
    'How much: 3 messages with 463 bytes there, 0 messages with 0 bytes back.',
    '3 records of 2 different sizes. Records are filled up to buckets, so a size gives away a range of lengths and nothing finer.',
  ])
})
