import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import type { SecureRung } from '../../rungs.ts'
import { TEXTBOOK_GROUP, toyKeyPair, toySecret } from '../../textbook/toy-exchange.ts'
import { type Attack, broken, claim, notApplicable, type Outcome, type Play, resisted, type Scene } from '../attack.ts'
import { getThrough, maliciousPath, part, say, sceneTown } from '../meeting.ts'
import { recordingOf } from '../recording.ts'
import { SECRET } from '../secret.ts'
import { textbookRecordingOf } from '../textbook-recording.ts'
import { readStolenKey, secretsFrom } from './stolen-keys.ts'

const NOTHING_SEALED = 'a recording is legible as it is, and there is no key to steal; see eavesdropping'

/** What bob of the textbook keeps secret for as long as his program runs. */
const LASTING_EXPONENT = 7n

export const stolenKeyPast: Attack = {
  name: 'stolen-key-past',
  title: 'A stolen key, and past conversations',
  position: 'thief',
  goal: 'Read a recorded conversation, with the long-lived secrets of alice and bob, stolen afterwards.',
  question:
    'Mallory has recorded what crossed the wire. A year later she gets the private keys of alice and bob. Will she read it?',
  lesson: `The private keys of alice and bob sign, and do nothing else. The secret of a conversation comes from two \
exponents that are drawn for it and forgotten once it has begun, and no signature tells anything about them. So a \
stolen key opens nothing that was recorded before. This is called forward secrecy (Diffie, van Oorschot and Wiener, \
Authentication and Authenticated Key Exchanges, 1992).

The textbook draws one exponent and keeps it. Whoever finds it later reads every conversation of that program. TLS \
with an RSA key exchange had the same fault; TLS 1.3 has done away with it (RFC 8446, section 1.2).

What you write down yourself is another matter: whoever has your key log (--keylog) can open the recording.`,
  against: {
    calc: notApplicable(NOTHING_SEALED),
    basic: notApplicable(NOTHING_SEALED),
    'textbook-dh': notApplicable(NOTHING_SEALED),
    'textbook-aes': claim('broken', openWithExponent),
    dh: claim('resisted', openWithIdentities('dh')),
    aes: claim('resisted', openWithIdentities('aes')),
  },
}

async function openWithExponent(scene: Scene): Promise<Outcome> {
  const [town, path] = await Promise.all([sceneTown(scene, 'textbook-aes'), maliciousPath(scene, 'textbook-aes')])
  const [alice, bob] = await Promise.all([
    town.settle('alice'),
    town.settle('bob', { behind: path, flags: ['--exponent', String(LASTING_EXPONENT)] }),
  ])
  scene.tell('Alice tells bob a secret, and mallory keeps a copy of every byte. They part, and his program runs on.')
  await getThrough(alice, bob)
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
    const [town, path] = await Promise.all([sceneTown(scene, rung), maliciousPath(scene, rung)])
    const home = join(scene.folder, 'homes')
    const keyLog = join(scene.folder, 'alice.keys')
    const [alice, bob] = await Promise.all([
      town.settle('alice', { home, flags: ['--keylog', keyLog] }),
      town.settle('bob', { home, behind: path }),
    ])
    scene.tell('Alice tells bob a secret, and mallory keeps a copy of every byte. Then both leave.')
    await getThrough(alice, bob)
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
