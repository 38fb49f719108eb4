import { expect, test } from 'vitest'
import { rethrowUnless } from '../../src/errors.ts'
import { networksOf } from '../../src/net/networks.ts'
import { ALLOWANCES, PLACES, PLACES_OF_NETWORK, type Place, places, RESERVED_PLACES } from '../../src/limits/places.ts'

const at = (remoteAddress: string) => networksOf({ remoteAddress })
const FOR_STRANGERS = PLACES - RESERVED_PLACES

/** Places at a clock of the test's own, and who has lost one. */
function hall() {
  let time = 0
  const { take } = places(() => time)
  const lost: string[] = []
  return {
    lost,
    pass: (milliseconds: number) => void (time += milliseconds),
    /** Takes a place as somebody from that address. @returns `too-many` where there is none */
    come(who: string, address: string, seen = false): Place | 'too-many' {
      try {
        return take(at(address), seen, ({ code }) => lost.push(`${who} ${code}`))
      } catch (error) {
        rethrowUnless(error, 'too-many')
        return 'too-many'
      }
    },
  }
}

/** How many come in, from these addresses in turn, until one is refused. */
function room(addresses: (i: number) => string, seen = false): number {
  const { come } = hall()
  let count = 0
  while (come('', addresses(count), seen) !== 'too-many') count += 1
  return count
}

test.each([
  ['one IPv4 address', () => '192.0.2.1', PLACES_OF_NETWORK],
  ['one /64', (i: number) => `2001:db8:1:2::${i}`, 16],
  ['one /56', (i: number) => `2001:db8:1:2${10 + i}::1`, 24],
  ['one /48', (i: number) => `2001:db8:1:${10 + i}00::1`, 32],
  ['all strangers', (i: number) => `192.0.2.${i}`, FOR_STRANGERS],
])('there are as many places for %s as the limit says', (_, addresses, count) => {
  expect(room(addresses)).toBe(count)
})

test('networks that were seen before have all places, also those that strangers may not take', () => {
  expect(room(i => `192.0.2.${i}`, true)).toBe(PLACES)
  const { come } = hall()
  for (let i = 0; i < FOR_STRANGERS; i++) come('', `192.0.2.${i}`)
  expect(come('', '198.51.100.1')).toBe('too-many')
  for (let i = 0; i < RESERVED_PLACES; i++) expect(come('', `203.0.113.${i}`, true)).not.toBe('too-many')
  expect(come('', '198.51.100.1', true)).toBe('too-many')
})

test('a place that is given back is there for the next one, and cannot be given back twice', () => {
  const { come } = hall()
  const all = Array.from({ length: PLACES_OF_NETWORK }, () => come('', '192.0.2.1'))
  const [first] = all
  if (typeof first !== 'object') return expect.fail('no place')
  first.free()
  first.free()
  expect(come('', '192.0.2.1')).not.toBe('too-many')
  expect(come('', '192.0.2.1')).toBe('too-many')
})

test('who is within the allowance keeps the place, and who is past it makes room, the oldest first', () => {
  const { come, pass, lost } = hall()
  for (let i = 0; i < PLACES_OF_NETWORK; i++) {
    come(`silent ${i}`, '192.0.2.1')
    pass(10)
  }
  pass(ALLOWANCES.hello - 10 * PLACES_OF_NETWORK - 1)
  expect(come('alice', '192.0.2.1')).toBe('too-many')
  pass(1)
  expect(come('alice', '192.0.2.1')).not.toBe('too-many')
  pass(10)
  expect(come('carol', '192.0.2.1')).not.toBe('too-many')
  expect(lost).toEqual(['silent 0 too-many', 'silent 1 too-many'])
})

test('those go first who have cost most: an IDENTITY is owed, then an OFFER, then a hello', () => {
  const { come, pass, lost } = hall()
  const steps = ['hello', 'offer', 'identity'] as const
  for (let i = 0; i < PLACES_OF_NETWORK; i++) {
    const step = steps[i % steps.length] ?? 'hello'
    const place = come(step, '192.0.2.1')
    if (typeof place === 'object') place.awaits(step)
  }
  pass(ALLOWANCES.offer)
  come('alice', '192.0.2.1')
  pass(ALLOWANCES.identity - ALLOWANCES.offer)
  for (let i = 0; i < PLACES_OF_NETWORK - 1; i++) come('alice', '192.0.2.1')
  expect(lost).toEqual([
    ...Array(1).fill('offer too-many'),
    ...Array(5).fill('identity too-many'),
    ...Array(4).fill('offer too-many'),
    ...Array(6).fill('hello too-many'),
  ])
})

test('nobody loses the place while waiting for us', () => {
  const { come, pass, lost } = hall()
  for (let i = 0; i < PLACES_OF_NETWORK; i++) {
    const place = come('patient', '192.0.2.1')
    if (typeof place === 'object') place.awaits(null)
  }
  pass(60_000)
  expect(come('alice', '192.0.2.1')).toBe('too-many')
  expect(lost).toEqual([])
})

test('who has hung up makes room at once, also while waiting for us', () => {
  const { come, lost } = hall()
  const all = Array.from({ length: PLACES_OF_NETWORK }, (_, i) => come(`caller ${i}`, '192.0.2.1'))
  for (const place of all) if (typeof place === 'object') place.awaits(null)
  const [, second] = all
  if (typeof second === 'object') second.hangUp()
  expect(come('alice', '192.0.2.1')).not.toBe('too-many')
  expect(lost).toEqual(['caller 1 too-many'])
  expect(come('carol', '192.0.2.1')).toBe('too-many')
})

test('room is made only where it helps: a full network takes from itself, and strangers take from strangers', () => {
  const { come, pass, lost } = hall()
  for (let i = 0; i < 20; i++) come('friend', `203.0.113.${i}`, true)
  pass(1)
  for (let i = 0; i < PLACES_OF_NETWORK; i++) come('mallory', '192.0.2.1')
  for (let i = 0; i < PLACES - 20 - PLACES_OF_NETWORK; i++) come('other', `198.51.100.${i}`)
  pass(ALLOWANCES.hello)
  come('mallory again', '192.0.2.1')
  expect(lost).toEqual(['mallory too-many'])
  come('alice', '203.0.113.99', true)
  expect(lost).toEqual(['mallory too-many', 'friend too-many'])
})
