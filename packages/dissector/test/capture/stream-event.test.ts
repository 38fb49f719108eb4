import { expect, test } from 'vitest'
import { isoTime, offsetText } from '../../src/capture/stream-event.ts'

test('seconds since the beginning, also for a packet that came before it', () => {
  expect(offsetText(5_000_000_001n, 0n, 3)).toBe('5.000')
  expect(offsetText(5_123_456_789n, 5_000_000_000n, 6)).toBe('0.123456')
  expect(offsetText(1_000_000_000n, 2_500_000_000n, 3)).toBe('-1.500')
  expect(offsetText(null, 0n, 3)).toBe('-')
})

test('ISO 8601 to the nanosecond, or nothing', () => {
  expect(isoTime(1_700_000_000_123_456_789n)).toBe('2023-11-14T22:13:20.123456789Z')
  expect(isoTime(-1n)).toBe('1969-12-31T23:59:59.999999999Z')
  expect(isoTime(null)).toBeNull()
  expect(isoTime(2n ** 90n)).toBeNull()
})
