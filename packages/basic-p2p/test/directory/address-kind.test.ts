import { expect, test } from 'vitest'
import { kindOf } from '../../src/directory/address-kind.ts'

test.each([
  ['unspecified', ['0.0.0.0', '0.1.2.3', '::']],
  ['loopback', ['127.0.0.1', '127.255.255.255', '::1', '0:0:0:0:0:0:0:1']],
  ['link-local', ['169.254.0.1', '169.254.169.254', 'fe80::1', 'febf::1', 'fe80::1%eth0']],
  ['multicast', ['224.0.0.1', '239.255.255.255', 'ff02::1']],
  ['reserved', ['240.0.0.1', '255.255.255.255']],
  ['private', ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.0.1', '100.64.0.1', '100.127.255.255']],
  ['private', ['fc00::1', 'fdff::1', 'fec0::1']],
  [null, ['1.1.1.1', '172.15.0.1', '172.32.0.1', '100.63.0.1', '100.128.0.1', '192.0.2.1', '2001:db8::1', '2606::1']],
])('%s: %j', (kind, addresses) => {
  for (const address of addresses) expect(kindOf(address), address).toBe(kind)
})

test('an address that carries another one counts as that', () => {
  for (const [kind, ipv4, hex] of [
    ['loopback', '127.0.0.1', '7f00:1'],
    ['link-local', '169.254.169.254', 'a9fe:a9fe'],
    ['multicast', '224.0.0.1', 'e000:1'],
    ['reserved', '255.255.255.255', 'ffff:ffff'],
    ['private', '10.1.2.3', 'a01:203'],
    ['private', '192.168.1.1', 'c0a8:101'],
    ['private', '172.31.0.1', 'ac1f:1'],
    [null, '172.32.0.1', 'ac20:1'],
    [null, '1.1.1.1', '101:101'],
  ] as const) {
    const dresses = [ipv4, `::ffff:${ipv4}`, `::FFFF:${hex}`, `0:0:0:0:0:ffff:${hex}`, `::${ipv4}`, `::${hex}`]
    for (const dress of [...dresses, `64:ff9b::${hex}`, `::ffff:0:${hex}`, `64:ff9b::${ipv4}`, `2002:${hex}::1`]) {
      expect(kindOf(dress), dress).toBe(kind)
    }
  }
})
