import type { ProvenPeer } from '@p2p-secure-chat/dh-chat/identity/identity'
import { knownPeersFormat } from '@p2p-secure-chat/dh-chat/identity/known-peers'
import { peerLine } from '@p2p-secure-chat/dh-chat/identity/peer-file'
import { safetyNumber } from '@p2p-secure-chat/dh-chat/identity/safety-number'
import { type Exercise, oneOfChoices, safetyNumberDigits } from '../exercise.ts'
import { personOf } from '../conversations/secure-conversation.ts'
import type { Variant } from '../variant.ts'

const SCREENS = ['a', 'b', 'c'] as const

/** Groups that can still be read of each screen. */
const LEGIBLE = 4
const GROUPS = 12

export const safetyNumberExercise: Exercise = {
  name: 'safety-number',
  title: 'Verify a safety number',
  session: 2,
  minutes: 35,
  parts: [
    {
      key: 'number',
      points: 5,
      asks: 'the safety number of alice and bob, with the keys that they really have',
      form: safetyNumberDigits,
    },
    {
      key: 'honest',
      points: 2,
      asks: 'the photo of the honest conversation, with no one in the middle',
      form: oneOfChoices(...SCREENS),
    },
    { key: 'mallory', points: 2, asks: 'the photo on which mallory is bob', form: oneOfChoices(...SCREENS) },
  ],
  script: null,
  prepare: variant => Promise.resolve(prepare(variant)),
}

function prepare(variant: Variant) {
  const [alice, bob, mallory] = [personOf(variant, 'alice'), personOf(variant, 'bob'), personOf(variant, 'mallory')]
  const number = safetyNumber(alice, bob)
  // Mallory answers in the name of bob, with the only key that is hers.
  const deceived = safetyNumber(alice, { name: 'bob', key: mallory.key })
  const screens = variant.shuffled('screens', [
    { what: 'honest', shown: photo(variant, 'honest', number) },
    { what: 'mallory', shown: photo(variant, 'mallory', deceived) },
    { what: 'misread', shown: photo(variant, 'misread', misread(variant, number)) },
  ])
  const letter = (what: string) => SCREENS[screens.findIndex(screen => screen.what === what)] ?? ''
  const line = (peer: ProvenPeer) => peerLine({ ...peer, identity: 'known' as const }, knownPeersFormat).text
  return {
    task: `Alice and bob type \`/verify\` and compare their safety numbers. Three photos of alice's screen exist
(\`screens.txt\`), taken in three conversations with someone called bob. The paper got wet: only four of the
twelve groups are still legible on each.

One photo is from an honest conversation. On one, mallory was bob. One was copied by hand and has mistakes: it
belongs to no one.

\`keys.txt\` has the real keys of alice, bob and mallory, in base64url, as in known_peers. Compute the safety
number of alice and bob, and say which photo is which.`,
    hints: [
      'The rule is in docs/protocol.md, under "Fingerprint and safety number". It takes one SHA-512.',
      'An entry is a byte 32, the 32 bytes of the key, a byte with the length of the name, and the name. The entry whose key is smaller, byte by byte, comes first. In front of both stands `p2p-secure-chat safety number/1` and a byte 0.',
      'Each five bytes of the digest are one number: modulo 100,000, with zeros in front up to five digits. For the photo with mallory, think about which name and which key alice sees.',
    ],
    files: {
      'keys.txt': `${[alice, bob, mallory].map(line).join('\n')}\n`,
      'screens.txt': screens
        .map(
          ({ shown }, i) => `Photo ${SCREENS[i]?.toUpperCase()}\n\n  The safety number of you and bob:\n\n${shown}\n`,
        )
        .join('\n'),
    },
    solution: { number: number.replaceAll(' ', ''), honest: letter('honest'), mallory: letter('mallory') },
  }
}

/** Three rows of four groups, of which some are lost. */
function photo(variant: Variant, label: string, number: string): string {
  const order = variant.shuffled(
    `${label} legible`,
    Array.from({ length: GROUPS }, (_, i) => i),
  )
  const legible = new Set(order.slice(0, LEGIBLE))
  const groups = number.split(' ').map((group, i) => (legible.has(i) ? group : '?????'))
  return [0, 4, 8].map(start => `    ${groups.slice(start, start + 4).join(' ')}\n`).join('')
}

/** Every group has one wrong digit, so whichever can still be read shows it. */
function misread(variant: Variant, number: string): string {
  return number
    .split(' ')
    .map((group, i) => {
      const at = variant.integer(`misread ${i}`, 0, group.length - 1)
      const digit = (Number(group[at]) + 1) % 10
      return `${group.slice(0, at)}${digit}${group.slice(at + 1)}`
    })
    .join(' ')
}
