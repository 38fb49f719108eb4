import type { Protection } from './protection.ts'

const KEY_READ = '"The spare key is under the blue pot."'
const FOOLED =
  'alice said "Meet me at noon. Come alone.", mallory reads it, and bob reads "Meet me at dusk. Come alone."'

/** What keeps the secret of two people between these two. */
export const ofTheHandshake: readonly Protection[] = [
  {
    name: 'the check of public values',
    without: 'computes with any number',
    edits: [{ file: 'core/src/dh/key-pair.ts', text: 'checkPublicValue(group, value);', by: '' }],
    breaks: {
      'invalid-public-value': `bob takes p - 1 for a public value; a sniffer who tries 2 secrets reads ${KEY_READ}`,
    },
  },
  {
    name: 'exponents of full size',
    without: 'draws exponents of 29 bits',
    edits: [
      { file: 'core/src/dh/key-pair.ts', text: 'const highest = group.exponentBits - 1;', by: 'const highest = 28;' },
    ],
    breaks: { 'discrete-log': `alice's exponent in … steps; mallory reads ${KEY_READ}` },
  },
  {
    name: 'the check of the signature',
    without: 'accepts every signature',
    edits: [
      {
        file: 'dh-chat/src/handshake/identity-message.ts',
        text: '!verify(key, toBeSigned(place, who), signature)',
        by: 'false',
      },
    ],
    breaks: { mitm: FOOLED },
    secondLocks: { misbinding: 'handshake-failed' },
  },
  {
    name: 'the exchange in the signature',
    without: 'signs name and key alone: one signature for all exchanges',
    edits: [
      {
        file: 'dh-chat/src/handshake/identity-message.ts',
        text: 'signature`, transcript.hash(who))',
        by: 'signature`, who)',
      },
    ],
    breaks: { mitm: FOOLED },
  },
  {
    name: 'offer and answer in the transcript',
    without: 'signs the hellos and the identities, and nothing in between',
    edits: [
      {
        file: 'dh-chat/src/handshake/key-agreement.ts',
        text: 'let transcript = start.with(offered).with(reply);',
        by: 'let transcript = start;',
      },
      {
        file: 'dh-chat/src/handshake/key-agreement.ts',
        text: 'transcript = transcript.with(offeredAgain).with(reply);',
        by: '',
      },
    ],
    breaks: {
      mitm: 'alice said "Meet me at noon. Come alone." to mallory, whom she takes for bob',
      'downgrade-group': 'alice and bob talk in ffdhe2048, and both would have preferred ffdhe3072',
    },
  },
  {
    name: 'the comparison of the hellos, and their place in the transcript',
    without: 'accepts any hello, and signs none',
    edits: [
      {
        file: 'core/src/wire/hello.ts',
        text: 'said.protocol !== hello.protocol || said.rung !== hello.rung',
        by: 'false',
      },
      {
        file: 'dh-chat/src/handshake/transcript.ts',
        text: 'return transcript(start).with(hellos.initiator).with(hellos.responder);',
        by: 'return transcript(start);',
      },
    ],
    breaks: { 'downgrade-version': 'alice and bob talk under hellos that mallory wrote, and notice nothing' },
  },
  {
    name: 'tag, MAC and signature of an identity, and its place in the transcript',
    without: 'checks none of them',
    edits: [
      {
        file: 'dh-chat/src/handshake/identity-message.ts',
        text: '!sameBytes(body.subarray(PLAINTEXT_BYTES), mac(keys.tag, ciphertext))',
        by: 'false',
      },
      {
        file: 'dh-chat/src/handshake/identity-message.ts',
        text: '!sameBytes(plaintext.subarray(MAC_AT), identityMac(place, plaintext))',
        by: 'false',
      },
      {
        file: 'dh-chat/src/handshake/identity-message.ts',
        text: '!verify(key, toBeSigned(place, who), signature)',
        by: 'false',
      },
      {
        file: 'dh-chat/src/handshake/handshake.ts',
        text: 'return [identity, transcript.with(message)];',
        by: 'return [identity, transcript];',
      },
      {
        file: 'dh-chat/src/handshake/handshake.ts',
        text: 'return [peer, transcript.with(message)];',
        by: 'return [peer, transcript];',
      },
    ],
    breaks: { misbinding: 'alice talks with bob, and bob takes her for mallory' },
  },
  {
    name: 'fresh numbers for each connection',
    without: 'has the same exponent and nonce in all its connections',
    edits: [
      {
        file: 'dh-chat/src/handshake/handshake-upgrade.ts',
        text: 'random: randomBytes,',
        by: 'random: length => Buffer.alloc(length, identity.key),',
      },
    ],
    breaks: {
      splicing: 'alice says "no, keep the house" today, and bob reads "yes, sell the house", which was yesterday',
    },
  },
  {
    name: 'exponents that are forgotten',
    without: 'uses the private key in `identity.pem` as its exponent',
    edits: [
      {
        file: 'dh-chat/src/handshake/key-agreement.ts',
        text: 'const ownPair = onePairPerGroup(random);',
        by: 'const ownPair = group => generateKeyPair(group, random, options.identity.exponent);',
      },
      {
        file: 'dh-chat/src/identity/identity.ts',
        text: 'fingerprint: fingerprint(key),',
        by: `fingerprint: fingerprint(key),
             exponent: BigInt('0x' + Buffer.from(privateKey.export({ format: 'jwk' }).d, 'base64url').toString('hex')),`,
      },
      { file: 'core/src/dh/key-pair.ts', text: 'const privateKey =', by: 'const privateKey = arguments[2] ??' },
    ],
    breaks: { 'stolen-key-past': `a stolen key opens the recording: ${KEY_READ}` },
  },
]
