import { type Group, namedGroup } from '@p2p-secure-chat/core/dh/groups'

/**
 * The best balance of strength and speed first, then what is stronger, then what others may insist on. None is longer than
 * 4096 bits: one OFFER in modp18 costs a responder about 50 ms, and the stranger who sends it nothing.
 */
const DEFAULT_GROUPS = ['ffdhe3072', 'ffdhe4096', 'ffdhe2048', 'modp14', 'modp15', 'modp16']

/** The groups that are taken where the user chose none, in the order of preference (docs/protocol.md). */
export function defaultGroups(): Group[] {
  return DEFAULT_GROUPS.map(namedGroup)
}
