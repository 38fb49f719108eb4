import { expect, test } from 'vitest'
import { type Interfaces, reachableHosts } from '../../src/net/reachable-hosts.ts'

const address = (host: string, family: 'IPv4' | 'IPv6', internal = false) => ({
  address: host,
  netmask: '',
  mac: '',
  internal,
  cidr: null,
  ...(family === 'IPv6' ? { family, scopeid: 0 } : { family }),
})

const interfaces: Interfaces = {
  lo: [address('127.0.0.1', 'IPv4', true), address('::1', 'IPv6', true)],
  eth0: [address('192.0.2.7', 'IPv4'), address('2001:db8::7', 'IPv6'), address('fe80::7', 'IPv6')],
  wlan0: [address('198.51.100.7', 'IPv4')],
}

test.each([
  ['0.0.0.0', ['192.0.2.7', '198.51.100.7']],
  ['::', ['192.0.2.7', '2001:db8::7', '198.51.100.7']],
  ['192.0.2.7', ['192.0.2.7']],
  ['127.0.0.1', []],
])('a server on %s is reached under %j', (host, hosts) => {
  expect(reachableHosts(host, interfaces)).toEqual(hosts)
})

test('a machine without a network has no such host', () => {
  expect(reachableHosts('::', { lo: interfaces['lo'] ?? [] })).toEqual([])
})
