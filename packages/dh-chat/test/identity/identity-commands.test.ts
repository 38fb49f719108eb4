import { parseAddress } from '@p2p-secure-chat/core/net/address'
import { expect, test } from 'vitest'
import { requireShareable } from '../../src/identity/identity-commands.ts'

test('no invite is shown that nobody could take: the zone of an address is a name of this machine', () => {
  const local = parseAddress('[fe80::1%eth0]:10001')
  expect(() => requireShareable(local)).toThrow(expect.objectContaining({ code: 'bad-address' }))
  expect(() => requireShareable(parseAddress('[2001:db8::1]:10001'))).not.toThrow()
})
