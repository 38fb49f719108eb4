import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { generateKeyPair, sharedSecret } from '@p2p-secure-chat/core/dh/key-pair'
import { mac } from '@p2p-secure-chat/core/cipher/mac'
import { encodeFrame, type Message } from '@p2p-secure-chat/core/wire/frame'
import { HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import type { Role } from '@p2p-secure-chat/core/wire/upgrade'
import { fixedBytes } from '../../../core/test/support/fixed-bytes.ts'
import { identityPlaintext } from '../../src/handshake/identity-message.ts'
import { handshakeKeys, type IdentityKeys, type SecureProtocol, sessionKeys } from '../../src/handshake/key-schedule.ts'
import { type Transcript, transcriptOf } from '../../src/handshake/transcript.ts'
import { alice, bob, seedOf } from './people.ts'
import { done, runHandshake } from './run-handshake.ts'
import { CONFIRM, IDENTITY } from '../../src/messages.ts'

/** A value for each side. */
type Both<T> = Readonly<Record<Role, T>>

/** A string of bytes and its SHA-256. */
interface Hashed {
  readonly bytes: string
  readonly hash: string
}

/** What one side draws at random, and its public values: one for each OFFER or ANSWER that it sends. */
interface Drawn {
  readonly nonce: string
  readonly values: readonly { readonly group: string; readonly private: string; readonly public: string }[]
}

/** How one IDENTITY comes about. */
interface IdentityVector {
  readonly encryptionKey: string
  readonly tagKey: string
  readonly macKey: string
  readonly who: string
  readonly signature: string
  readonly mac: string
  readonly plaintext: string
  readonly body: string
}

/** A whole handshake with every value on the way; all bytes in hex. */
export interface HandshakeVector {
  readonly name: string
  readonly protocol: SecureProtocol
  /** What each side would take, the best first. */
  readonly groups: Both<readonly string[]>
  /** What they agree on. */
  readonly group: { readonly name: string; readonly p: string; readonly g: string }
  /** The seed is the private key of RFC 8032. */
  readonly identities: Both<{ readonly name: string; readonly seed: string; readonly key: string }>
  readonly drawn: Both<Drawn>
  /** Everything on the wire, hellos included, in the order of the transcript. */
  readonly frames: readonly { readonly from: Role; readonly frame: string }[]
  readonly sharedSecret: string
  readonly T1: Hashed
  readonly T2: Hashed
  readonly T3: Hashed
  readonly handshakeSecret: string
  readonly identity: Both<IdentityVector>
  readonly sessionSecret: string
  readonly confirmKey: string
  readonly confirm: string
  readonly trafficSecret: Both<string>
}

interface Case {
  readonly name: string
  readonly protocol: SecureProtocol
  readonly groups: Both<readonly string[]>
}

const CASES: readonly Case[] = [
  {
    name: 'peer-dh/1: the first group offered suits both',
    protocol: 'peer-dh/1',
    groups: { initiator: ['ffdhe2048', 'ffdhe3072'], responder: ['ffdhe2048'] },
  },
  {
    name: 'peer-dh/1: the responder wants another group',
    protocol: 'peer-dh/1',
    groups: { initiator: ['ffdhe3072', 'modp14'], responder: ['modp14', 'ffdhe3072'] },
  },
  {
    name: 'peer-aes/1: the first group offered suits both',
    protocol: 'peer-aes/1',
    groups: { initiator: ['modp14'], responder: ['ffdhe3072', 'modp14'] },
  },
  {
    name: 'peer-aes/1: the responder wants another group',
    protocol: 'peer-aes/1',
    groups: { initiator: ['ffdhe3072', 'ffdhe2048'], responder: ['ffdhe2048'] },
  },
]

const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/** A number in hex with as many digits as the length of p. */
const numberToHex = (value: bigint, bytes = 0) => value.toString(16).padStart(2 * bytes, '0')

/** The same draws as the handshake makes from that source, in its order. */
function draw(label: string, groups: readonly string[]) {
  const random = fixedBytes(label)
  const nonce = toHex(random(32))
  const pairs = groups.map(name => ({ group: namedGroup(name), pair: generateKeyPair(namedGroup(name), random) }))
  const values = pairs.map(({ group, pair }) => ({
    group: group.name,
    private: numberToHex(pair.privateKey),
    public: numberToHex(pair.publicKey, group.bytes),
  }))
  return { drawn: { nonce, values }, last: pairs.at(-1)?.pair ?? { privateKey: 0n, publicKey: 0n } }
}

async function handshakeVector({ name, protocol, groups }: Case): Promise<HandshakeVector> {
  const hello = HELLO.message({ protocol })
  const hellos = { initiator: hello, responder: hello }
  const label = (role: Role) => `handshake vectors, ${name}, ${role}`
  const options = (role: Role) => ({
    protocol,
    hellos,
    groups: groups[role].map(namedGroup),
    random: fixedBytes(label(role)),
  })
  const run = await runHandshake(options('initiator'), options('responder'))
  const { group, secrets } = done(run.initiator)
  const messages: { from: Role; message: Message }[] = [
    { from: 'initiator', message: hello },
    { from: 'responder', message: hello },
    ...run.sent,
  ]

  const [preferred = ''] = groups.initiator
  const ours = draw(label('initiator'), preferred === group.name ? [preferred] : [preferred, group.name])
  const theirs = draw(label('responder'), [group.name])
  const shared = sharedSecret(group, ours.last.privateKey, theirs.last.publicKey)

  const agreement = run.sent.filter(({ message }) => message.type !== IDENTITY.type && message.type !== CONFIRM.type)
  const [ofResponder, ofInitiator] = run.sent.filter(({ message }) => message.type === IDENTITY.type)
  if (ofResponder === undefined || ofInitiator === undefined) throw new TypeError('the handshake has two identities')
  const t1 = agreement.reduce((transcript, { message }) => transcript.with(message), transcriptOf(hellos))
  const t2 = t1.with(ofResponder.message)
  const t3 = t2.with(ofInitiator.message)
  const keys = handshakeKeys(protocol, t1.hash(), shared)
  const session = sessionKeys(protocol, t3.hash(), keys.secret)
  if (toHex(session.traffic.initiator) !== toHex(secrets.send)) throw new TypeError('the run has other secrets')

  function hashed(transcript: Transcript, count: number): Hashed {
    const frames = messages.slice(0, count).map(({ message }) => encodeFrame(message))
    return { bytes: `00${toHex(Buffer.concat(frames))}`, hash: toHex(transcript.hash()) }
  }

  function identity(role: Role, own: IdentityKeys, transcript: Transcript, message: Message): IdentityVector {
    const person = role === 'initiator' ? alice : bob
    const plaintext = identityPlaintext({ protocol, role, keys: own, transcript }, person)
    return {
      encryptionKey: toHex(own.encryption),
      tagKey: toHex(own.tag),
      macKey: toHex(own.mac),
      who: toHex(plaintext.subarray(0, 65)),
      signature: toHex(plaintext.subarray(65, 129)),
      mac: toHex(plaintext.subarray(129)),
      plaintext: toHex(plaintext),
      body: toHex(message.body),
    }
  }

  const before = 2 + agreement.length
  return {
    name,
    protocol,
    groups,
    group: { name: group.name, p: numberToHex(group.p), g: numberToHex(group.g) },
    identities: {
      initiator: { name: 'alice', seed: toHex(seedOf('alice')), key: toHex(alice.key) },
      responder: { name: 'bob', seed: toHex(seedOf('bob')), key: toHex(bob.key) },
    },
    drawn: { initiator: ours.drawn, responder: theirs.drawn },
    frames: messages.map(({ from, message }) => ({ from, frame: toHex(encodeFrame(message)) })),
    sharedSecret: toHex(shared),
    T1: hashed(t1, before),
    T2: hashed(t2, before + 1),
    T3: hashed(t3, before + 2),
    handshakeSecret: toHex(keys.secret),
    identity: {
      responder: identity('responder', keys.responder, t1, ofResponder.message),
      initiator: identity('initiator', keys.initiator, t2, ofInitiator.message),
    },
    sessionSecret: toHex(session.secret),
    confirmKey: toHex(session.confirm),
    confirm: toHex(mac(session.confirm, t3.hash())),
    trafficSecret: { initiator: toHex(session.traffic.initiator), responder: toHex(session.traffic.responder) },
  }
}

/** Whole handshakes of both protocols, with and without RETRY. */
export function handshakeVectors(): Promise<HandshakeVector[]> {
  return Promise.all(CASES.map(handshakeVector))
}
