import { generateKeyPairSync } from 'node:crypto'
import type { Side } from '@p2p-secure-chat/core/capture/tcp-conversation'
import { encodeFrame, HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'
import { HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { ANSWER, IDENTITY, OFFER } from '@p2p-secure-chat/dh-chat/messages'
import { KEY_AT, sealIdentity } from '@p2p-secure-chat/dh-chat/handshake/identity-message'
import { handshakeKeys } from '@p2p-secure-chat/dh-chat/handshake/key-schedule'
import { transcriptOf } from '@p2p-secure-chat/dh-chat/handshake/transcript'
import { identityOf } from '@p2p-secure-chat/dh-chat/identity/identity'
import { on } from '@p2p-secure-chat/stage/tampering'
import { type Tamper, matches, type Path } from '@p2p-secure-chat/stage/path'
import { protocolOf, type SecureRung } from '../../rungs.ts'
import { broken, type Play, type Plays, resisted, type Scene } from '../attack.ts'
import { controlCall, startBoth, isRefusal, tryToCall } from '../both-online.ts'

export const misbinding: Plays = {
  dh: takeHerPlace('dh'),
  aes: takeHerPlace('aes'),
}

function takeHerPlace(rung: SecureRung): Play {
  return async scene => {
    const meeting = await startBoth(scene, rung)
    const { alice, bob, path } = meeting
    for (const tamper of [signInstead(scene, rung, path), renameInside(scene)]) {
      path.setTamper(on({ from: 'dialler', type: IDENTITY.type }, tamper))
      const answer = await tryToCall(alice, 'bob', ['handshake-failed'])
      if (!isRefusal(answer)) {
        const { peer } = await bob.next('open')
        if (peer === 'mallory') return broken('alice talks with bob, and bob takes her for mallory')
        throw new Error(`bob talks with ${String(peer)}`)
      }
      const { code, message } = await bob.next('error')
      if (code !== answer.refused) throw new Error(`bob's program says ${String(code)}`)
      scene.tell(`Bob's program says: "${String(message)}".`)
    }
    const { peer } = await controlCall(meeting, 'hello')
    if (peer !== 'alice') throw new Error(`undisturbed bob talks with ${String(peer)}`)
    return resisted(
      `bob refuses what mallory signed and sealed without the keys, and her name in alice's identity: handshake-failed; ` +
        `undisturbed he talks with ${peer}`,
    )
  }
}

/**
 * She signs the transcript with a key of her own. Everything that takes is on the wire.
 * What she lacks are the keys under which an identity is sealed: she takes those that follow from a secret of zeros.
 */
function signInstead({ tell }: Scene, rung: SecureRung, path: Path): Tamper {
  const protocol = protocolOf(rung)
  const mallory = identityOf('mallory', generateKeyPairSync('ed25519').privateKey)
  return ({ bytes }, forward) => {
    const of = (from: Side, type: number) =>
      path.passed.find(matches({ from, type })) ?? { type, body: new Uint8Array() }
    const hellos = { initiator: of('dialler', HELLO.type), responder: of('listener', HELLO.type) }
    const t1 = transcriptOf(hellos).with(of('dialler', OFFER.type)).with(of('listener', ANSWER.type))
    const transcript = t1.with(of('listener', IDENTITY.type))
    const keys = handshakeKeys(protocol, t1.hash(), new Uint8Array(32)).initiator
    const forged = encodeFrame(sealIdentity({ protocol, role: 'initiator', keys, transcript }, mallory))
    tell(
      "Mallory throws alice's identity away, and signs the transcript with her own key. That signature is valid; the keys " +
        'around it she has to make up.',
      { label: 'the identity of alice', bytes },
      { label: 'what bob gets', bytes: forged },
    )
    forward.onward(forged)
  }
}

/**
 * An identity is hidden by XOR, and its first bytes are the name. Mallory knows who calls. So she needs no key to make
 * another name of it; alice's key and her signature stay.
 */
function renameInside({ tell }: Scene): Tamper {
  const [known, wanted] = [nameField('alice'), nameField('mallory')]
  return ({ bytes }, forward) => {
    const forged = bytes.slice()
    for (const [i, byte] of known.entries()) {
      const at = HEADER_BYTES + i
      forged[at] = (forged[at] ?? 0) ^ byte ^ (wanted[i] ?? 0)
    }
    const marks = [{ from: HEADER_BYTES, to: HEADER_BYTES + KEY_AT, meaning: 'the name, XOR the key stream' }]
    tell(
      'Mallory leaves all of it as it is, and XORs "alice" out of the name and "mallory" into it.',
      { label: 'the identity of alice', bytes, marks },
      { label: 'what bob gets', bytes: forged, marks },
    )
    forward.onward(forged)
  }
}

/** u8 length | name | zeros. */
function nameField(name: string): Uint8Array {
  const field = Buffer.alloc(KEY_AT)
  field.writeUInt8(name.length)
  field.write(name, 1)
  return field
}
