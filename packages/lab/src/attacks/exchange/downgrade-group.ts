import { encodeFrame, HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'
import { ANSWER, OFFER, RETRY } from '@p2p-secure-chat/dh-chat/messages'
import { type Interference, pass, type Path } from '@p2p-secure-chat/stage/path'
import type { SecureRung } from '../../rungs.ts'
import {
  type Attack,
  broken,
  claim,
  notApplicable,
  type Play,
  resisted,
  type Scene,
  type ShownBytes,
} from '../attack.ts'
import { controlCall, gather, isRefusal, say, tryToCall } from '../meeting.ts'
import { NO_EXCHANGE } from '../reasons.ts'

/** The weakest of the groups that a client takes, and far from the first on its list. */
const WEAKEST = 'ffdhe2048'

/** One that both like even less: an offer must list the group of its value, and that one must not be what bob takes. */
const DECOY = 'modp14'

const NOTHING_NEGOTIATED = 'there is one group, and nothing to choose'

export const downgradeGroup: Attack = {
  name: 'downgrade-group',
  title: 'Talking two peers into a weaker group',
  position: 'man in the middle',
  goal: 'Make alice and bob take the weakest group that both know, though both prefer another one.',
  question: 'Alice offers several groups, the best first. Can mallory make them take the weakest of these?',
  lesson: `Whoever offers a choice offers it to mallory as well. In TLS up to 1.2 a server signed its public value, \
but not the list from which it had chosen. So a man in the middle could make it answer in a group of 512 bits, and \
break that while the two were waiting (Adrian and others, Imperfect Forward Secrecy, CCS 2015, known as Logjam).

Here every signature and every key is made from the transcript: the list as alice sent it, and the list as bob got it. \
If these differ, the two have different keys, and bob's proof does not fit. It makes no difference which of the \
messages mallory changes (RFC 8446, section 4.4.1, and appendix E.1 on downgrade protection). And even the weakest \
group on the list is one that nobody can break: what is not safe is not on it.`,
  against: {
    calc: notApplicable(NO_EXCHANGE),
    basic: notApplicable(NO_EXCHANGE),
    'textbook-dh': notApplicable(NOTHING_NEGOTIATED),
    'textbook-aes': notApplicable(NOTHING_NEGOTIATED),
    dh: claim('resisted', downgrade('dh')),
    aes: claim('resisted', downgrade('aes')),
  },
}

/** What alice offers, with a list from which bob takes the weakest group. */
function shortenList({ tell }: Scene, retrier: string): Interference {
  return (passing, road) => {
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
    road.onward(forged)
  }
}

/** Bob will ask by himself for another group than that of the offer, which mallory has made the decoy. */
function shortenOffers(scene: Scene): Interference {
  const shorten = shortenList(scene, 'Bob')
  return (passing, road) => (passing.type === OFFER.type ? shorten : pass)(passing, road)
}

/** Mallory asks for another group in bob's place; he gets the second offer as the first. */
function injectRetry(scene: Scene): Interference {
  const shorten = shortenList(scene, 'Mallory')
  return (passing, road) => {
    if (passing.type !== OFFER.type) return pass(passing, road)
    if (passing.nth > 0) return shorten(passing, road)
    const retry = encodeFrame(RETRY.message({ group: WEAKEST }))
    scene.tell(`Alice calls again. This time mallory keeps her offer, and asks for ${WEAKEST} in bob's name.`, {
      label: 'what alice gets',
      bytes: retry,
    })
    road.back(retry)
  }
}

function downgrade(rung: SecureRung): Play {
  return async scene => {
    const meeting = await gather(scene, rung)
    const { alice, bob, path } = meeting
    for (const deed of [shortenOffers, injectRetry]) {
      path.interfere(deed(scene))
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

/** What alice wanted most, and what came of it. */
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
