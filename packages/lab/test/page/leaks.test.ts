import { recordSealer } from '@p2p-secure-chat/aes-chat/record-sealer'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { expect, test } from 'vitest'
import { leakCounter, textsOfBucket } from '../../src/page/leaks.ts'
import { recordPart, talk, textPart } from '../support/seen.ts'

test.each([0, 1, 47, 48, 111, 112, 1_007, 1_008, 2_031, 2_032, 16_384])(
  'a text of %i bytes lies in the range that is said of its record',
  length => {
    const sealer = recordSealer({
      secret: new Uint8Array(32),
      direction: 0,
      updateAfter: 10,
      random: size => new Uint8Array(size),
    })
    const body = sealer.seal(encodeFrame(textPart(1, 'x'.repeat(length))))
    const bucket = body.length - 16 - 16 - 32
    const [least, most] = textsOfBucket(bucket)
    expect(length).toBeGreaterThanOrEqual(least)
    expect(length).toBeLessThanOrEqual(most)
    // The next longer text is in another bucket where the range ends here.
    if (length === most)
      expect(sealer.seal(encodeFrame(textPart(1, 'x'.repeat(length + 1)))).length).toBeGreaterThan(body.length)
  },
)

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
    '3 records of 2 different sizes. Records are filled up to buckets, so a size tells a range of lengths and nothing finer.',
  ])
})
