import { expect, test } from 'vitest'
import { outsideAddress } from '../../src/directory/usable-address.ts'
import { card } from '../support/network-card.ts'

const loopback = [card('127.0.0.1', true), card('::1', true)]
const network = [card('169.254.3.4'), card('fe80::1'), card('2001:db8::7'), card('192.0.2.7')]

test.each([
  ['a directory elsewhere keeps its name', 'chat.example.org', '192.0.2.1', true, network, 'chat.example.org'],
  ['and so when it says that it is not open', '192.0.2.1', '192.0.2.1', false, network, '192.0.2.1'],
  ['one on this machine that is not open', 'localhost', '127.0.0.1', false, network, null],
  ['one that is open, over IPv4', '127.0.0.1', '127.0.0.1', true, network, '192.0.2.7'],
  ['one that is open, over IPv6', '::1', '::1', true, network, '2001:db8::7'],
  ['one that is open, where there is only the other family', '::1', '::1', true, [card('192.0.2.7')], '192.0.2.7'],
  ['one that is open, on a machine without a network', 'localhost', '127.0.0.1', true, [], null],
])('%s', (_, given, host, open, cards, outside) => {
  const address = outsideAddress({ host: given, port: 10_001 }, { open, host }, { lo: loopback, eth0: cards })
  expect(address).toEqual(outside === null ? null : { host: outside, port: 10_001 })
})
