import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalHost, formatAddress, isLoopback, parseAddress, parsePort, plainHost } from '../../src/net/address.ts'

const badAddress = expect.objectContaining({ name: 'ChatError', code: 'bad-address' })
const LOCAL = { host: '127.0.0.1', port: 10_001 }

test.each([
  ['192.0.2.1:80', '192.0.2.1', 80],
  ['example.org:0', 'example.org', 0],
  ['localhost:65535', 'localhost', 65_535],
  ['[::1]:10001', '::1', 10_001],
  ['[2001:db8::7]:1', '2001:db8::7', 1],
  ['[::ffff:192.0.2.1]:1', '192.0.2.1', 1],
  ['[2001:DB8:0:0::7]:00080', '2001:db8::7', 80],
  ['[fe80::1%eth0]:1', 'fe80::1%eth0', 1],
  ['Chat.Example.ORG:1', 'chat.example.org', 1],
])('%s is a whole address', (text, host, port) => {
  expect(parseAddress(text)).toEqual({ host, port })
  expect(parseAddress(text, LOCAL)).toEqual({ host, port })
})

test.each([
  ['192.0.2.1', '192.0.2.1', 10_001],
  ['example.org', 'example.org', 10_001],
  ['::1', '::1', 10_001],
  ['[::1]', '::1', 10_001],
  ['2001:db8::7', '2001:db8::7', 10_001],
  ['8080', '127.0.0.1', 8080],
  ['0', '127.0.0.1', 0],
])('%s is completed from the defaults, and without them incomplete', (text, host, port) => {
  expect(parseAddress(text, LOCAL)).toEqual({ host, port })
  expect(() => parseAddress(text)).toThrow(badAddress)
})

test.each([
  '',
  ' ',
  ':',
  ':80',
  'host:',
  'host:port',
  'host:-1',
  'host:65536',
  'host:1e3',
  'host: 80',
  'host:010001',
  'a/b:80',
  'a%20b:80',
  '256.0.0.1:80',
  '1.2.3.4.5:80',
  'a b:80',
  '65536',
])('%j is no address', text => {
  expect(() => parseAddress(text, LOCAL)).toThrow(badAddress)
})

test.each(['[::1', '[::1]80', '[::1]:', '[::g]:80', '[127.0.0.1]:80', '[host]:80', '[]:80', 'a:b:c', '1:2:3:80'])(
  '%j is no address with an IPv6 host',
  text => {
    expect(() => parseAddress(text, LOCAL)).toThrow(badAddress)
  },
)

test.each(['', '-1', '+1', '1.5', '0x10', '65536', '100000', ' 1', '１'])('%j is no port', text => {
  expect(() => parsePort(text)).toThrow(badAddress)
})

test('whoever gave a port alone is not told to write HOST:PORT', () => {
  expect(() => parsePort('65536')).toThrow(expect.objectContaining({ hint: expect.not.stringContaining('HOST') }))
  expect(() => parseAddress('host')).toThrow(expect.objectContaining({ hint: expect.stringContaining('HOST:PORT') }))
})

test('every host has one spelling', () => {
  for (const [text, host] of [
    ['0:0:0:0:0:0:0:1', '::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0DB8::0A', '2001:db8::a'],
    ['::FFFF:7f00:1', '127.0.0.1'],
    ['FE80:0::1%eth0', 'fe80::1%eth0'],
    ['127.1', '127.0.0.1'],
    ['0x7f.1', '127.0.0.1'],
    ['Bücher.example', 'xn--bcher-kva.example'],
    ['LOCALHOST', 'localhost'],
  ] as const) {
    expect(canonicalHost(text), text).toBe(host)
    expect(canonicalHost(host), host).toBe(host)
  }
  for (const text of ['', 'a b', 'a:b', '::g', 'a/b', 'a%41', '256.1.1.1', 'a.'.repeat(127)]) {
    expect(canonicalHost(text), text).toBeNull()
  }
})

test('what is written is read back', () => {
  const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain()).map(text => canonicalHost(text) ?? 'none')
  fc.assert(
    fc.property(host, fc.integer({ min: 0, max: 65_535 }), (host, port) => {
      expect(parseAddress(formatAddress({ host, port }))).toEqual({ host, port })
    }),
  )
})

test('an IPv6 host is written in brackets', () => {
  expect(formatAddress({ host: '::1', port: 1 })).toBe('[::1]:1')
  expect(formatAddress({ host: '::ffff:192.0.2.1', port: 1 })).toBe('[::ffff:192.0.2.1]:1')
  expect(formatAddress({ host: '127.0.0.1', port: 1 })).toBe('127.0.0.1:1')
})

test('an IPv4 address in IPv6 dress is shown plain', () => {
  expect(plainHost('::ffff:192.0.2.1')).toBe('192.0.2.1')
  expect(plainHost('::FFFF:192.0.2.1')).toBe('192.0.2.1')
  expect(plainHost('::1')).toBe('::1')
  expect(plainHost('example.org')).toBe('example.org')
})

test.each([
  [true, ['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1', 'localhost']],
  [false, ['0.0.0.0', '::', '192.0.2.1', '128.0.0.1', '::ffff:192.0.2.1', 'example.org', '127.example.org', '']],
])('loopback is %s for %o', (loopback, hosts) => {
  for (const host of hosts) expect(isLoopback(host), host).toBe(loopback)
})
