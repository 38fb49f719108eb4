import type { TestClient } from '@p2p-secure-chat/stage/testbed'
import type { ChatRung, SecureRung } from '../../rungs.ts'
import { type Play, type Plays, resisted, type Scene } from '../attack.ts'
import { talkOnce } from '../both-online.ts'
import { tellSecret, fingerprintOf } from './impostor.ts'
import { type LyingTestbed, lyingTestbed, malloryIn } from './lying-directory.ts'

/** Alice, friends with bob, at a directory that will lie to her; and mallory, who answers as bob elsewhere. */
export interface Misdirection extends LyingTestbed {
  readonly alice: TestClient
  readonly bob: TestClient
  readonly mallory: TestClient
}

export async function prepareMisdirection(scene: Scene, rung: ChatRung): Promise<Misdirection> {
  const [{ testbed, directory }, mallory] = await Promise.all([
    lyingTestbed(scene, rung),
    malloryIn(scene, rung).then(hers => hers.answerAs('bob')),
  ])
  const [alice, bob] = await Promise.all([testbed.startClient('alice'), testbed.startClient('bob')])
  scene.tell('Alice and bob have talked before. So far the directory has told the truth.')
  await talkOnce(alice, bob)
  return { testbed, directory, alice, bob, mallory }
}

export const wrongAddress: Plays = {
  basic: misdirect('basic'),
  'textbook-dh': misdirect('textbook-dh'),
  'textbook-aes': misdirect('textbook-aes'),
  dh: misdirect('dh'),
  aes: misdirect('aes'),
}

function misdirect(rung: ChatRung): Play {
  return async scene => {
    const { testbed, directory, alice, mallory } = await prepareMisdirection(scene, rung)
    const carol = await testbed.startClient('carol')
    await talkOnce(alice, carol)

    scene.tell('Now it says that bob is where carol is: she is honest, alice knows her, and her client takes the call.')
    directory.lie('bob', carol.address)
    const toCarol = await tellSecret(scene, alice, { client: carol, inTruth: 'carol', refusals: ['wrong-peer'] })
    if (toCarol.result === 'broken') return toCarol
    scene.tell('Now the directory says that bob is where mallory is, who says that she is bob.')
    directory.lie('bob', mallory.address)
    const toMallory = await tellSecret(scene, alice, { client: mallory, inTruth: 'mallory', refusals: ['key-changed'] })
    if (toMallory.result === 'broken') return toMallory
    return resisted(
      "sent to carol, alice's client reports wrong-peer; sent to mallory, key-changed; neither gets a word",
    )
  }
}

export const wrongKey: Plays = {
  dh: vouch('dh'),
  aes: vouch('aes'),
}

function vouch(rung: SecureRung): Play {
  return async scene => {
    const { directory, alice, mallory } = await prepareMisdirection(scene, rung)
    const fingerprint = fingerprintOf(mallory)
    scene.tell(
      'Now its card of bob has the address of mallory and the fingerprint of her key in it: the two fit together, and the ' +
        'handshake will show the very key that the directory promised.',
      { label: 'the fingerprint on the card', bytes: Buffer.from(fingerprint, 'base64url') },
    )
    directory.lie('bob', { ...mallory.address, fingerprint })
    return tellSecret(scene, alice, { client: mallory, inTruth: 'mallory', refusals: ['key-changed'] })
  }
}
