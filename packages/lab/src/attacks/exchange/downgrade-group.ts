import { encodeFrame, HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'
import { ANSWER, OFFER, RETRY } from '@p2p-secure-chat/dh-chat/messages'
import { type Tamper, pass, type Path } from '@p2p-secure-chat/stage/path'
import type { SecureRung } from '../../rungs.ts'
import { broken, type Play, type Plays, resisted, type Scene, type ShownBytes } from '../attack.ts'
import { controlCall, startBoth, isRefusal, say, tryToCall } from '../both-online.ts'

/** The weakest of the groups that a client takes, and far from the first on its list. */
const WEAKEST = 'ffdhe2048'

/** One that both like even less: an offer must list the group of its value, and that one must not be what bob takes. */
const DECOY = 'modp14'

export const downgradeGroup: Plays = {
  dh: downgrade('dh'),
  aes: downgrade('aes'),
}

/** What alice offers, with a list from which bob takes the weakest group. */
function shortenList({ tell }: Scene, retrier: string): Tamper {
  return (passing, forward) => {
    const offer = OFFER.read(passing.body)
    const group = offer.group === WEAKEST ? WEAKEST : DECOY
    const forged = encodeFrame(OFFER.message({ ...offer, groups: [WEAKEST, DECOY], group }))
    const again = `${retrier} has asked for a value in ${WEAKEST}, and alice offers again, with her whole list. `
    const called = group === DECOY ? `, and calls her value one in ${DECOY}` : ''
    tell(
      `${passing.nth > 0 ? again : ''}Mallory leaves ${WEAKEST} and ${DECOY} on alice's list${called}. Bob prefers ${WEAKEST}.`,
      listIn('what alice offers', passing.bytes),
      listIn('what bob gets', forged),
    )
    forward.onward(forged)
  }
}

/** Bob himself will ask for a group other than the one offered, which mallory has made the decoy. */
function shortenOffers(scene: Scene): Tamper {
  const shorten = shortenList(scene, 'Bob')
  return (passing, forward) => (passing.type === OFFER.type ? shorten : pass)(passing, forward)
}

/** Mallory asks for another group in bob's place; he gets the second offer as the first. */
function injectRetry(scene: Scene): Tamper {
  const shorten = shortenList(scene, 'Mallory')
  return (passing, forward) => {
    if (passing.type !== OFFER.type) return pass(passing, forward)
    if (passing.nth > 0) return shorten(passing, forward)
    const retry = encodeFrame(RETRY.message({ group: WEAKEST }))
    scene.tell(`Alice calls again. This time mallory keeps her offer, and asks for ${WEAKEST} in bob's name.`, {
      label: 'what alice gets',
      bytes: retry,
    })
    forward.back(retry)
  }
}

function downgrade(rung: SecureRung): Play {
  return async scene => {
    const meeting = await startBoth(scene, rung)
    const { alice, bob, path } = meeting
    for (const tamper of [shortenOffers, injectRetry]) {
      path.setTamper(tamper(scene))
      const answer = await tryToCall(alice, 'bob', ['handshake-failed'])
      const { wanted, taken } = groupsIn(path)
      if (taken !== WEAKEST || taken === wanted) throw new Error(`alice wanted ${wanted}, and bob answered in ${taken}`)
      if (!isRefusal(answer)) {
        await say(alice, bob, 'hello')
        return broken(`alice and bob talk in ${taken}, and both would have preferred ${wanted}`)
      }
      scene.tell(
        `Bob answers in ${taken}. Both compute keys from the transcript, and theirs differ. Alice does not take what bob ` +
          'proves, and hangs up.',
      )
    }
    await controlCall(meeting, 'hello')
    const { wanted, taken } = groupsIn(path)
    if (taken !== wanted) throw new Error(`undisturbed they talk in ${taken}, and alice wanted ${wanted}`)
    return resisted(
      `twice bob answers in ${WEAKEST}, and alice hangs up: handshake-failed; undisturbed they talk in ${taken}`,
    )
  }
}

/** The group that alice prefers, and the group of the answer. */
function groupsIn({ passed }: Path) {
  const offered = passed.find(({ type }) => type === OFFER.type)
  const answered = passed.find(({ type }) => type === ANSWER.type)
  if (offered === undefined || answered === undefined) throw new Error('no exchange came by')
  return { wanted: OFFER.read(offered.body).groups[0], taken: ANSWER.read(answered.body).group }
}

function listIn(label: string, bytes: Uint8Array): ShownBytes {
  const to = Buffer.from(bytes).indexOf(']') + 1
  return { label, bytes, marks: [{ from: HEADER_BYTES, to, meaning: 'the list' }] }
}
