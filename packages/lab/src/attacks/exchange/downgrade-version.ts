import { HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { on, rewrite } from '@p2p-secure-chat/stage/tampering'
import { type Tamper, pass } from '@p2p-secure-chat/stage/path'
import type { SecureRung } from '../../rungs.ts'
import { isLegible } from '@p2p-secure-chat/stage/legible'
import { broken, type Play, type Plays, resisted } from '../attack.ts'
import { controlCall, startBoth, isRefusal, say, SECRET, tryToCall } from '../both-online.ts'

export const downgradeVersion: Plays = {
  dh: downgrade('dh', 'peer-basic/1'),
  aes: downgrade('aes', 'peer-dh/1'),
}

/** An attempt, and which code tells of it on whose screen. */
interface Attempt {
  readonly words: string
  /** The protocol that mallory puts in the place of theirs. */
  readonly instead: string
  readonly tamper: Tamper
  readonly alice: string
  readonly bob: string
}

function attempts(rung: SecureRung, weaker: string): readonly Attempt[] {
  const older = `peer-${rung}/0`
  const sayWeaker = rewrite({ protocol: weaker })
  const hello = { from: 'dialler', type: HELLO.type } as const
  return [
    {
      words: `Mallory lets alice say ${weaker} to bob.`,
      instead: weaker,
      tamper: on(hello, sayWeaker),
      alice: 'handshake-failed',
      bob: 'wrong-protocol',
    },
    {
      words: `Mallory lets alice say ${older} to bob.`,
      instead: older,
      tamper: on(hello, rewrite({ protocol: older })),
      alice: 'handshake-failed',
      bob: 'wrong-version',
    },
    {
      words: `Mallory lets each of them say ${weaker} to the other, so that both could agree on it.`,
      instead: weaker,
      tamper: (passing, forward) => (passing.type === HELLO.type ? sayWeaker : pass)(passing, forward),
      alice: 'wrong-protocol',
      bob: 'wrong-protocol',
    },
  ]
}

/** Whether a hello names that protocol. */
const says = (body: Uint8Array, protocol: string) => Buffer.from(body).includes(`"${protocol}"`)

function downgrade(rung: SecureRung, weaker: string): Play {
  return async scene => {
    const meeting = await startBoth(scene, rung)
    const { alice, bob, path } = meeting
    const told: string[] = []
    for (const attempt of attempts(rung, weaker)) {
      path.setTamper(attempt.tamper)
      const answer = await tryToCall(alice, 'bob', [attempt.alice])
      const hellos = path.passed.filter(({ type }) => type === HELLO.type)
      if (hellos.length === 0 || hellos.some(({ body }) => says(body, attempt.instead))) {
        throw new Error(`mallory had nothing to change into ${attempt.instead}`)
      }
      scene.tell(
        attempt.words,
        ...hellos.map(({ from, bytes }) => ({ label: `the hello of ${from === 'dialler' ? 'alice' : 'bob'}`, bytes })),
      )
      if (!isRefusal(answer)) {
        await say(alice, bob, SECRET)
        const legible = isLegible(path.passed, SECRET) ? ', and mallory reads what alice says' : ''
        return broken(`alice and bob talk under hellos that mallory wrote, and notice nothing${legible}`)
      }
      const { code } = await bob.next('error')
      if (code !== attempt.bob) throw new Error(`bob's program says ${String(code)}`)
      scene.tell(`Bob's program says ${attempt.bob}, and alice's ${attempt.alice}. Neither tries anything else.`)
      told.push(attempt.bob)
    }
    await controlCall(meeting, SECRET)
    return resisted(`bob says ${told.join(', ')}, and neither tries another protocol; undisturbed the text arrives`)
  }
}
