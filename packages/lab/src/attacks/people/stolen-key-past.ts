import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import type { SecureRung } from '../../rungs.ts'
import { TEXTBOOK_GROUP, toyKeyPair, toySecret } from '../../textbook/toy-exchange.ts'
import { broken, type Outcome, type Play, type Plays, resisted, type Scene } from '../attack.ts'
import { getThrough, maliciousPath, part, say, sceneTown } from '../meeting.ts'
import { recordingOf } from '../recording.ts'
import { SECRET } from '../secret.ts'
import { textbookRecordingOf } from '../textbook-recording.ts'
import { readStolenKey, secretsFrom } from './stolen-keys.ts'

/** What bob of the textbook keeps secret for as long as his program runs. */
const LASTING_EXPONENT = 7n

export const stolenKeyPast: Plays = {
  'textbook-aes': openWithExponent,
  dh: openWithIdentities('dh'),
  aes: openWithIdentities('aes'),
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
