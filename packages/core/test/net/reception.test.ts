import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { rethrowUnless } from '../../src/errors.ts'
import { PLACES, PLACES_OF_NETWORK, RESERVED_PLACES } from '../../src/limits/places.ts'
import { type GuardedVisit, reception } from '../../src/net/reception.ts'

/** A connection from some address, as far as a reception looks at it. */
function socketFrom(remoteAddress: string): Socket {
  return Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress })
}

/** A reception, and those who came to it. */
function hall(capacity = { all: 1_000, ofNetwork: 128, strangers: 500 }) {
  const { enter } = reception(capacity)
  return {
    come(address: string): { visit: GuardedVisit; close(): void } | 'too-many' {
      const socket = socketFrom(address)
      const visit = orTooMany(() => enter(socket))
      return visit === 'too-many' ? visit : { visit, close: () => void socket.emit('close') }
    },
  }
}

function orTooMany<T>(work: () => T): T | 'too-many' {
  try {
    return work()
  } catch (error) {
    rethrowUnless(error, 'too-many')
    return 'too-many'
  }
}

/** How many are served, from these addresses in turn, until one is refused; and what ends the first of them. */
function served(addresses: (i: number) => string, strange: (i: number) => boolean = () => false) {
  const { come } = hall()
  const inside: (() => void)[] = []
  for (;;) {
    const next = come(addresses(inside.length))
    if (next === 'too-many') break
    const stranger = strange(inside.length)
    if (orTooMany(() => next.visit.serve(stranger)) === 'too-many') break
    inside.push(next.close)
  }
  return { count: inside.length, come, close: inside[0] ?? (() => undefined) }
}

test.each([
  ['an IPv4 address', () => '192.0.2.1', 128],
  ['a /64', (i: number) => `2001:db8:1:2::${i}`, 128],
  ['a /56', (i: number) => `2001:db8:1:2${10 + (i % 80)}::1`, 192],
  ['a /48', (i: number) => `2001:db8:1:${10 + (i % 80)}00::1`, 256],
  ['all', (i: number) => `10.0.${i >> 8}.${i % 256}`, 1_000],
])('of %s so many are served', (_, addresses, count) => {
  expect(served(addresses).count).toBe(count)
})

test('strangers have no more than their part of the capacity, and give it back', () => {
  const { count, come, close } = served(
    i => `10.0.${i >> 8}.${i % 256}`,
    () => true,
  )
  expect(count).toBe(500)
  const another = come('192.0.2.1')
  if (another === 'too-many') return expect.fail('there is no place')
  expect(orTooMany(() => another.visit.serve(true))).toBe('too-many')
  expect(orTooMany(() => another.visit.serve(false))).toBeUndefined()
  close()
  const last = come('192.0.2.2')
  if (last === 'too-many') return expect.fail('there is no place')
  expect(orTooMany(() => last.visit.serve(true))).toBeUndefined()
})

test('whoever leaves or is closed gives the place back, once', () => {
  const { come } = hall()
  const all = Array.from({ length: PLACES_OF_NETWORK }, () => come('192.0.2.1'))
  const [first, second] = all
  if (typeof first !== 'object' || typeof second !== 'object') return expect.fail('there is no place')
  expect(come('192.0.2.1')).toBe('too-many')
  first.visit.leave()
  first.close()
  second.close()
  expect(come('192.0.2.1')).not.toBe('too-many')
  expect(come('192.0.2.1')).not.toBe('too-many')
  expect(come('192.0.2.1')).toBe('too-many')
  expect(first.visit.gone.aborted).toBe(true)
})

test('networks from which somebody was served have the places that are kept for them', () => {
  const { come } = hall()
  const friend = come('203.0.113.1')
  if (friend === 'too-many') return expect.fail('there is no place')
  friend.visit.serve(false)
  for (let i = 0; i < PLACES - RESERVED_PLACES; i++) expect(come(`192.0.2.${i}`)).not.toBe('too-many')
  expect(come('198.51.100.1')).toBe('too-many')
  expect(come('203.0.113.1')).not.toBe('too-many')
})
