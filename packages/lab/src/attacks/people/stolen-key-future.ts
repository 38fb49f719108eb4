import { copyFile, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { identityPath } from '@p2p-secure-chat/dh-chat/identity/identity-file'
import type { SecureRung } from '../../rungs.ts'
import { type Attack, claim, notApplicable, type Play } from '../attack.ts'
import { befriend, maliciousPath, sceneTown } from '../meeting.ts'
import { confide } from './confide.ts'

const NO_KEYS = 'nobody has a key to steal; see name-hijack'

export const stolenKeyFuture: Attack = {
  name: 'stolen-key-future',
  title: 'A stolen key, and future conversations',
  position: 'thief',
  goal: 'Be bob from now on, with a copy of the file that holds his private key.',
  question:
    'Mallory has copied the file with the key of bob. Will alice, who knows that key well, notice that it is not him?',
  lesson: `No. As far as cryptography can tell, whoever has the key is bob: the directory takes mallory, the handshake \
succeeds, and the safety number is right, even if alice and bob have compared it.

A passphrase makes the copy worthless for as long as nobody guesses it, and each guess costs 600,000 rounds of PBKDF2 \
(RFC 8018, section 5.2). Bob himself is not left in the dark: a name can be online only once, so his own client loses \
it and says why. Then he makes a new key, tells everybody over another channel, and they /forget the old one.

What was said before the theft stays unread: see stolen-key-past.`,
  against: {
    calc: notApplicable('a calculator has no keys'),
    basic: notApplicable(NO_KEYS),
    'textbook-dh': notApplicable(NO_KEYS),
    'textbook-aes': notApplicable(NO_KEYS),
    dh: claim('broken', beBob('dh')),
    aes: claim('broken', beBob('aes')),
  },
}

function beBob(rung: SecureRung): Play {
  return async scene => {
    const [town, path] = await Promise.all([sceneTown(scene, rung), maliciousPath(scene, rung)])
    const home = join(scene.folder, 'bobs-disk')
    const [alice, bob] = await Promise.all([town.settle('alice'), town.settle('bob', { home })])
    scene.tell('Alice and bob talk: her client remembers his key.')
    await befriend(alice, bob)

    scene.tell(
      'Mallory copies identity.pem from the disk of bob. He gave it no passphrase. She registers as bob with it.',
    )
    const hers = join(scene.folder, 'mallorys-disk')
    await mkdir(dirname(identityPath(hers, 'bob')), { recursive: true, mode: 0o700 })
    await copyFile(identityPath(home, 'bob'), identityPath(hers, 'bob'))
    // Over a path of her own, so that what she is told can be recorded.
    const mallory = await town.settle('bob', { home: hers, behind: path })
    const { code } = await bob.next({ event: 'directory', state: 'replaced' })
    scene.tell(`The real bob is told that somebody with his key has taken his place at the directory: ${String(code)}.`)

    scene.tell('Alice calls bob.')
    const impostor = { client: mallory, inTruth: 'mallory', refusals: ['key-changed'] } as const
    const { result, evidence } = await confide(scene, alice, impostor)
    return { result, evidence: `bob's own client is told ${String(code)}; ${evidence}` }
  }
}
