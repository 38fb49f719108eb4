import { networkInterfaces } from 'node:os'
import { expect, test } from 'vitest'
import { networksOf } from '../../src/net/networks.ts'

test.each([
  ['192.0.2.7', ['192.0.2.7']],
  ['::ffff:192.0.2.7', ['192.0.2.7']],
  ['127.0.0.2', ['127.0.0.2']],
  ['169.254.3.4', ['169.254.3.4']],
  ['::1', ['::1']],
  ['2001:db8:1:2:3:4:5:6', ['2001:db8:1:2::/64', '2001:db8:1:0::/56', '2001:db8:1::/48']],
  ['2001:db8:1:fed2::6', ['2001:db8:1:fed2::/64', '2001:db8:1:fe00::/56', '2001:db8:1::/48']],
  ['2001:db8::3:4:5:6', ['2001:db8:0:0::/64', '2001:db8:0:0::/56', '2001:db8:0::/48']],
  ['2001:db8:1::', ['2001:db8:1:0::/64', '2001:db8:1:0::/56', '2001:db8:1::/48']],
  ['fe80::1%eth0', ['link-local%eth0']],
  ['fe80::2%eth1', ['link-local%eth1']],
  ['febf::1%eth0', ['link-local%eth0']],
  ['', ['']],
])('%s is in %j', (remoteAddress, networks) => {
  expect(networksOf({ remoteAddress })).toEqual(networks)
})

test('unique-local prefixes, of which anybody can make some, are one network for each interface', () => {
  const [[name, addresses] = ['', undefined]] = Object.entries(networkInterfaces())
  const ends = { localAddress: addresses?.[0]?.address }
  expect(networksOf({ ...ends, remoteAddress: 'fd00:1:2:3::4' })).toEqual([`unique-local%${name}`])
  expect(networksOf({ ...ends, remoteAddress: 'fc12:3456:789a::1' })).toEqual([`unique-local%${name}`])
  expect(networksOf({ remoteAddress: 'fd00::1', localAddress: '192.0.2.1' })).toEqual(['unique-local%'])
})
