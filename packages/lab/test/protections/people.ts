import type { Protection } from './protection.ts'

const KEY_READ = 'reads "The spare key is under the blue pot."'

/** What keeps a name with whom it belongs to. */
export const ofPeople: readonly Protection[] = [
  {
    name: 'the memory of keys',
    without: 'accepts any key as the one that it remembers',
    edits: [{ file: 'dh-chat/src/identity/known-peers.ts', text: 'sameBytes(known.key, key)', by: 'true' }],
    breaks: {
      'identity-substitution': `alice's screen says of bob's key: known; mallory ${KEY_READ}`,
      'wrong-key': `alice's screen says of bob's key: known; mallory ${KEY_READ}`,
    },
  },
  {
    name: 'the dialled name',
    without: 'accepts anyone who answers',
    edits: [
      {
        file: 'dh-chat/src/handshake/handshake.ts',
        text: 'expected !== null && name !== expected',
        by: 'false',
      },
    ],
    breaks: { 'wrong-address': 'carol reads "The spare key is under the blue pot."' },
  },
  {
    name: 'the key in an invite',
    without: 'calls with an invite as it calls with a name',
    edits: [
      {
        file: 'dh-chat/src/identity/expected-keys.ts',
        text: 'wanted === undefined || wanted === shown',
        by: 'true',
      },
    ],
    breaks: { 'invited-contact': `mallory ${KEY_READ} and passes it on; alice's screen says of bob's key: known` },
  },
  {
    name: 'names bound to keys at the directory',
    without: 'gives a name to the last one who asks for it',
    edits: [{ file: 'basic-p2p/src/directory/registry.ts', text: 'checkOwner(card);', by: '' }],
    breaks: {
      'name-hijack': `mallory registers as bob while he is online; alice's screen says of bob's key: new; mallory ${KEY_READ}`,
    },
  },
]
