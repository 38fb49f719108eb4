import { describeGroup, type Group } from '@p2p-secure-chat/core/dh/groups'

/**
 * A safe prime of 256 bits, far too small for people and quick enough to run thousands of handshakes. p = 7 modulo 8,
 * so 2 generates the squares.
 */
export const testGroup: Group = describeGroup(
  'test256',
  0xc94475eefd92cc29d1418372f967b729089b38cf7ab1403ebc8f0ab58e333abfn,
  2n,
)

/** Another name for the same numbers, for who wants a choice. */
export const otherTestGroup: Group = { ...testGroup, name: 'other256' }
