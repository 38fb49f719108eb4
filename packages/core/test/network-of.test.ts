import { expect, test } from 'vitest'
import { networkOf } from '../src/net/network-of.ts'

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::6', '2001:db8:1:2'],
  ['2001:db8::3:4:5:6', '2001:db8:0:0'],
  ['2001:db8::6', '2001:db8:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['::1', '0:0:0:0'],
  ['2001:db8:1::', '2001:db8:1:0'],
  ['1::4:5:6:7:8', '1:0:0:4'],
  ['', ''],
])('%s is in %s', (host, network) => {
  expect(networkOf(host)).toBe(network)
})
