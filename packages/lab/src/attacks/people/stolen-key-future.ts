import { copyFile, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { identityPath } from '@p2p-secure-chat/dh-chat/identity/identity-file'
import type { SecureRung } from '../../rungs.ts'
import type { Play, Plays } from '../attack.ts'
import { befriend, maliciousPath, sceneTown } from '../meeting.ts'
import { confide } from './confide.ts'

export const stolenKeyFuture: Plays = {
  dh: beBob('dh'),
  aes: beBob('aes'),
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
