import { formatInvite } from '@p2p-secure-chat/basic-p2p/directory/invite'
import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { encodeFrame, type Message } from '@p2p-secure-chat/core/wire/frame'
import { CARD, LOOKUP, REGISTER, REGISTERED, WELCOME } from '@p2p-secure-chat/basic-p2p/messages/directory'
import { HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { PROOF_NONCE_BYTES, proveRegistration } from '@p2p-secure-chat/dh-chat/directory-proof'
import { fingerprint } from '@p2p-secure-chat/dh-chat/identity/ed25519-key'
import type { Identity } from '@p2p-secure-chat/dh-chat/identity/identity'
import { knownPeersFormat } from '@p2p-secure-chat/dh-chat/identity/known-peers'
import { peerLine } from '@p2p-secure-chat/dh-chat/identity/peer-file'
import { type Exercise, oneOfChoices, wholeText } from '../exercise.ts'
import { captureOf, goodbye, MACHINES, type Said } from '../conversations/conversation-capture.ts'
import { personOf } from '../conversations/secure-conversation.ts'
import { branchOf, type Variant } from '../variant.ts'

const RUNG = 'peer-aes/1'
const DIRECTORIES = ['10.0.0.1', '10.0.0.5', '10.0.0.6'] as const
const PORT = 10_001

/** The people whom alice looks up, and the code of her client when someone else answers in their name. */
const REFUSALS = { bob: 'key-changed', carol: 'wrong-peer' } as const
type Callee = keyof typeof REFUSALS

export const maliciousDirectory: Exercise = {
  name: 'malicious-directory',
  title: 'Find the directory that lies',
  session: 2,
  minutes: 35,
  parts: [
    {
      key: 'directory',
      points: 3,
      asks: 'the number of the capture whose directory lies',
      form: oneOfChoices('1', '2', '3'),
    },
    { key: 'about', points: 3, asks: 'about whom', form: oneOfChoices('bob', 'carol') },
    { key: 'address', points: 2, asks: 'where it sends their callers, as HOST:PORT', form: wholeText },
    {
      key: 'code',
      points: 2,
      asks: "the code with which alice's client refuses the person who answers there",
      form: oneOfChoices('wrong-protocol', 'wrong-peer', 'key-changed', 'bad-record', 'bad-proof', 'unknown-user'),
    },
  ],
  script: null,
  prepare: variant => Promise.resolve(prepare(variant)),
}

/** A directory's answer about a person. */
interface Card {
  readonly host: string
  readonly port: number
  readonly fingerprint: string
}

function prepare(variant: Variant) {
  const alice = personOf(variant, 'alice')
  const people = { bob: personOf(variant, 'bob'), carol: personOf(variant, 'carol') }
  const mallory = personOf(variant, 'mallory')
  const liar = variant.integer('liar', 0, DIRECTORIES.length - 1)
  const about = variant.pick<Callee>('about', ['bob', 'carol'])
  const addresses = addressesOf(variant)
  const captures = DIRECTORIES.map((directory, i) => {
    const cardOf = (name: Callee): Card => {
      const { key } = i === liar && name === about ? mallory : people[name]
      return { ...addresses(name, i), fingerprint: fingerprint(key) }
    }
    const talk = {
      dialler: { host: MACHINES.alice, port: 49_000 + i },
      listener: { host: directory, port: PORT },
      said: lookUpBoth(branchOf(variant, `directory ${i}`), alice, directory, cardOf),
    }
    return [`directory-${i + 1}.pcapng`, captureOf([talk]).file] as const
  })
  const invite = formatInvite({
    name: 'carol',
    directory: { host: DIRECTORIES[0], port: PORT },
    fingerprint: people.carol.fingerprint,
  })
  return {
    task: `Alice uses three directories of the last rung, one after the other, and looks up bob and carol at each:
\`directory-1.pcapng\` to \`directory-3.pcapng\`. One of them lies about one of the two. Bob and carol move from
machine to machine, so a new address is not a lie.

Alice has talked to bob before: his line in her \`known_peers\` is in the folder. For carol she has an invite on paper,
\`invite.txt\`, and uses it to call her.

Which directory lies, about whom, and where would alice's call have gone? And what does her client report when it
reaches mallory there, who answers with her own key?`,
    hints: [
      'A directory answers LOOKUP with a CARD. `chat-lab read directory-1.pcapng --json` shows all of its fields.',
      'A fingerprint is the SHA-256 of the 32 bytes of a key, in base64url without padding. The invite ends in one. `known_peers` has the key itself: decode it and hash it.',
      'What the client does is not decided by the card but by the handshake: docs/protocol.md says under IDENTITY what happens with a remembered key, and under Invite what happens with that.',
    ],
    files: {
      ...Object.fromEntries(captures),
      'invite.txt': `${invite}\n`,
      known_peers: `${peerLine({ ...people.bob, identity: 'verified' }, knownPeersFormat).text}\n`,
    },
    solution: {
      directory: String(liar + 1),
      about,
      address: formatAddress(addresses(about, liar)),
      code: REFUSALS[about],
    },
  }
}

/** Where bob and carol are while a client asks a directory. Everybody moves about: an address alone is no lie. */
function addressesOf(variant: Variant) {
  const hosts = variant.shuffled(
    'hosts',
    Array.from({ length: 70 }, (_, i) => `10.0.0.${20 + i}`),
  )
  return (name: Callee, at: number) => ({
    host: hosts[2 * at + (name === 'bob' ? 0 : 1)] ?? '',
    port: variant.integer(`port of ${name} at ${at}`, 40_010, 40_090),
  })
}

/** Alice registers with a directory, and looks up bob and carol there. */
function lookUpBoth(variant: Variant, alice: Identity, directory: string, cardOf: (name: Callee) => Card): Said[] {
  const said: Said[] = []
  const say = (from: Said['from'], message: Message) => said.push({ from, bytes: encodeFrame(message) })
  const nonce = Buffer.from(variant.random('nonce')(PROOF_NONCE_BYTES)).toString('hex')
  const prove = proveRegistration(alice, RUNG, variant.random('registration'))
  const at = formatAddress({ host: directory, port: PORT })
  const hello = HELLO.message({ protocol: 'directory/1', rung: RUNG })
  say('dialler', hello)
  say('listener', hello)
  say('listener', WELCOME.message({ open: true, nonce }))
  say('dialler', REGISTER.message({ name: 'alice', port: 40_002, proof: prove({ name: 'alice', nonce }, at) }))
  say('listener', REGISTERED.message({ name: 'alice' }))
  for (const [id, name] of variant.shuffled<Callee>('order', ['bob', 'carol']).entries()) {
    say('dialler', LOOKUP.message({ id, name }))
    say('listener', CARD.message({ id, name, ...cardOf(name) }))
  }
  say('dialler', goodbye)
  say('listener', goodbye)
  return said
}
