import { createHash, type KeyObject } from 'node:crypto'
import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { bigintFromBytes, bigintToBytes } from '@p2p-secure-chat/core/dh/integers'
import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { modPow } from '@p2p-secure-chat/core/dh/mod-pow'
import { RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import { identityPath } from '@p2p-secure-chat/dh-chat/identity/identity-file'
import { parseIdentityPem } from '@p2p-secure-chat/dh-chat/identity/identity-pem'
import { otherSide, type Side } from '@p2p-secure-chat/dissector/capture/stream-event'
import type { SeenHandshake } from '@p2p-secure-chat/dissector/exchange/evidence'
import type { SecureRung } from '../../rungs.ts'
import { TEXTBOOK_GROUP, toyKeyPair, toySecret } from '../../textbook/toy-exchange.ts'
import { broken, type Outcome, type Play, type Plays, resisted, type Scene } from '../attack.ts'
import { talkOnce, callAndAccept, mallorysPath, part, say, sceneTestbed, SECRET } from '../both-online.ts'
import { recordingOf, textbookRecordingOf } from '../recording.ts'
import { tellSecret } from './impostor.ts'

/** The private keys of both sides of a conversation. */
export type StolenKeys = Readonly<Record<Side, KeyObject>>

/** Reads a private key, as anyone with the file can. @throws {Error} if it has a passphrase */
export async function readStolenKey(home: string, name: string): Promise<KeyObject> {
  const path = identityPath(home, name)
  const stolen = parseIdentityPem(await readFile(path, 'utf8'), path)
  if (stolen.encrypted) throw new Error(`${path} is encrypted`)
  return stolen.key
}

/**
 * All that the keys could be good for: the shared secrets that a handshake would have led to if a key of theirs had been
 * the exponent of its owner, in each way of reading an Ed25519 key as a number.
 *
 * @returns secrets as bytes of exactly the length of p
 */
export function secretsFrom(
  { group, publicValues }: Pick<SeenHandshake, 'group' | 'publicValues'>,
  keys: StolenKeys,
): Uint8Array[] {
  const { p, bytes } = namedGroup(group)
  return (['dialler', 'listener'] as const).flatMap(side =>
    numbersIn(keys[side]).map(exponent => bigintToBytes(modPow(publicValues[otherSide(side)], exponent, p), bytes)),
  )
}

/** The seed that is in the file, and the scalar that Ed25519 makes of it (RFC 8032, section 5.1.5). */
export function numbersIn(key: KeyObject): readonly [seed: bigint, scalar: bigint] {
  const seed = Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url')
  const scalar = createHash('sha512').update(seed).digest().subarray(0, 32)
  scalar.writeUInt8(scalar.readUInt8(0) & 0xf8, 0)
  scalar.writeUInt8((scalar.readUInt8(31) & 0x7f) | 0x40, 31)
  return [bigintFromBytes(seed), bigintFromBytes(scalar.toReversed())]
}

/** What bob of the textbook keeps secret for as long as his program runs. */
const LASTING_EXPONENT = 7n

export const stolenKeyPast: Plays = {
  'textbook-aes': openWithExponent,
  dh: openWithIdentities('dh'),
  aes: openWithIdentities('aes'),
}

async function openWithExponent(scene: Scene): Promise<Outcome> {
  const [testbed, path] = await Promise.all([sceneTestbed(scene, 'textbook-aes'), mallorysPath(scene, 'textbook-aes')])
  const [alice, bob] = await Promise.all([
    testbed.startClient('alice'),
    testbed.startClient('bob', { behind: path, flags: ['--exponent', String(LASTING_EXPONENT)] }),
  ])
  scene.tell('Alice tells bob a secret, and mallory keeps a copy of every byte. They part, and his program runs on.')
  await callAndAccept(alice, bob)
  await say(alice, bob, SECRET)
  await part(alice, bob)

  const { publicValues, textsUnder } = textbookRecordingOf(path.passed)
  const secret = toySecret(TEXTBOOK_GROUP, toyKeyPair(TEXTBOOK_GROUP, LASTING_EXPONENT), publicValues.dialler)
  scene.tell(
    `Later she finds the exponent of bob in the memory of his program, ${LASTING_EXPONENT}, and raises to it what alice ` +
      `sent: their secret was ${secret}.`,
    { label: 'the public value of alice', bytes: Buffer.from(String(publicValues.dialler)) },
  )
  return textsUnder(secret).includes(SECRET)
    ? broken(`the exponent that bob still has opens the recording: "${SECRET}"`)
    : resisted('the exponent that bob still has does not open the recording')
}

function openWithIdentities(rung: SecureRung): Play {
  return async scene => {
    const [testbed, path] = await Promise.all([sceneTestbed(scene, rung), mallorysPath(scene, rung)])
    const home = join(scene.folder, 'homes')
    const keyLog = join(scene.folder, 'alice.keys')
    const [alice, bob] = await Promise.all([
      testbed.startClient('alice', { home, flags: ['--keylog', keyLog] }),
      testbed.startClient('bob', { home, behind: path }),
    ])
    scene.tell('Alice tells bob a secret, and mallory keeps a copy of every byte. Then both leave.')
    await callAndAccept(alice, bob)
    await say(alice, bob, SECRET)
    await Promise.all([alice.stop(), bob.stop()])

    const recording = recordingOf(path.passed)
    const record = path.passed.findLast(({ from, type }) => from === 'dialler' && type === RECORD.type)
    scene.tell(
      'A year later she gets identity.pem of both, neither of them under a passphrase. She tries each private key as an ' +
        'exponent, as it stands in the file and as Ed25519 makes a number of it, and computes the secret that follows.',
      ...(record === undefined ? [] : [{ label: 'the last record of alice', bytes: record.bytes }]),
    )
    const stolen = {
      dialler: await readStolenKey(home, 'alice'),
      listener: await readStolenKey(home, 'bob'),
    }
    const secrets = secretsFrom(recording.handshake, stolen)
    if (secrets.some(shared => recording.textsUnder(shared).includes(SECRET))) {
      return broken(`a stolen key opens the recording: "${SECRET}"`)
    }
    // A reader that opens nothing would show nothing: the same one has to read it with the secrets of the conversation.
    if (!recording.textsWith(await readFile(keyLog, 'utf8')).includes(SECRET)) {
      throw new Error('the recording does not open with the secrets of the conversation either')
    }
    scene.tell(
      'None of them fits. With the secrets that alice wrote down for this experiment the same recording opens.',
    )
    return resisted(
      `none of ${secrets.length} secrets from the two stolen keys opens the recording; those of the conversation itself do`,
    )
  }
}

export const stolenKeyFuture: Plays = {
  dh: beBob('dh'),
  aes: beBob('aes'),
}

function beBob(rung: SecureRung): Play {
  return async scene => {
    const [testbed, path] = await Promise.all([sceneTestbed(scene, rung), mallorysPath(scene, rung)])
    const home = join(scene.folder, 'bobs-disk')
    const [alice, bob] = await Promise.all([testbed.startClient('alice'), testbed.startClient('bob', { home })])
    scene.tell('Alice and bob talk: her client remembers his key.')
    await talkOnce(alice, bob)

    scene.tell(
      'Mallory copies identity.pem from the disk of bob. He gave it no passphrase. She registers as bob with it.',
    )
    const hers = join(scene.folder, 'mallorys-disk')
    await mkdir(dirname(identityPath(hers, 'bob')), { recursive: true, mode: 0o700 })
    await copyFile(identityPath(home, 'bob'), identityPath(hers, 'bob'))
    // Over a path of her own, so that what she hears can be recorded.
    const mallory = await testbed.startClient('bob', { home: hers, behind: path })
    const { code } = await bob.next({ event: 'directory', state: 'replaced' })
    scene.tell(`The real bob learns that someone with his key has taken his place at the directory: ${String(code)}.`)

    scene.tell('Alice calls bob.')
    const impostor = { client: mallory, inTruth: 'mallory', refusals: ['key-changed'] } as const
    const { result, evidence } = await tellSecret(scene, alice, impostor)
    return { result, evidence: `bob's own client reports ${String(code)}; ${evidence}` }
  }
}
