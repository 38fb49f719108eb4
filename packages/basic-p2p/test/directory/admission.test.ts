import { expect, test } from 'vitest'
import { type Ends } from '@p2p-secure-chat/core/net/networks'
import { admission, CONNECTIONS_OF_SOURCE } from '../../src/directory/directory-reception.ts'

const { burst, interval } = CONNECTIONS_OF_SOURCE

/** How many of so many connections from these addresses in turn are let in. */
function admitted(count: number, hosts: readonly string[], admits: (ends: Ends) => boolean): number {
  return Array.from({ length: count }, (_, i) => hosts[i % hosts.length] ?? '').filter(remoteAddress =>
    admits({ remoteAddress }),
  ).length
}

test('a classroom behind one address may come at once, and one more each second', () => {
  let time = 0
  const admits = admission(() => time)
  expect(admitted(1_000, ['192.0.2.7'], admits)).toBe(burst)
  time += 3 * interval
  expect(admitted(1_000, ['192.0.2.7'], admits)).toBe(3)
  expect(admitted(1_000, ['192.0.2.8'], admits)).toBe(burst)
})

test('a network of IPv6 counts as one address, for it is one user', () => {
  const admits = admission(() => 0)
  const hosts = Array.from({ length: 1_000 }, (_, i) => `2001:db8::${i.toString(16)}`)
  expect(admitted(1_000, hosts, admits)).toBe(burst)
  expect(admits({ remoteAddress: '2001:db8:0:1::1' })).toBe(true)
})

test.each(['127.0.0.1', '::1'])('on this machine (%s) everybody may', host => {
  expect(admitted(20_000, [host], admission())).toBe(20_000)
})
