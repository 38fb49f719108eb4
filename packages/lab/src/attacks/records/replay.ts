import { RECEIPT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { on, reflect } from '@p2p-secure-chat/stage/tampering'
import { type Tamper, matches, pass, type Passing } from '@p2p-secure-chat/stage/path'
import type { ChatRung } from '../../rungs.ts'
import type { Play, Plays } from '../attack.ts'
import { callAndAccept, openConversation, part, say, textsSeenBy } from '../both-online.ts'
import { carrier, verdict } from './tampering.ts'

const SAID = 'give carol another 100'

export const replay: Plays = {
  basic: sendAgain('basic'),
  'textbook-dh': sendAgain('textbook-dh'),
  'textbook-aes': sendAgain('textbook-aes'),
  dh: sendAgain('dh'),
  aes: sendAgain('aes'),
}

/** A copy of a TEXT frame that is not encrypted, with the next id. */
function renumbered({ type, body }: Passing): Uint8Array {
  const copy = Buffer.from(body)
  copy.writeBigUInt64BE(copy.readBigUInt64BE() + 1n)
  return encodeFrame({ type, body: copy })
}

function sendAgain(rung: ChatRung): Play {
  return async scene => {
    let again = () => {}
    const meant = matches(carrier(rung))
    const keepCopy: Tamper = (passing, forward) => {
      // The second receipt is for a text that alice never sent.
      if (passing.type === RECEIPT.type && passing.nth > 0) return
      pass(passing, forward)
      if (!meant(passing)) return
      again = () => {
        const copy = rung === 'basic' ? renumbered(passing) : passing.bytes
        scene.tell('Bob has read it. Now mallory sends it once more.', { label: 'the copy', bytes: copy })
        forward.onward(copy)
      }
    }
    const { alice, bob } = await openConversation(scene, rung, keepCopy)
    await say(alice, bob, SAID)
    again()
    let last = await bob.next({ event: 'message', direction: 'in' }, 'closed')
    if (last.event === 'message') {
      alice.leave()
      last = await bob.next('closed')
    }
    const count = textsSeenBy(bob).filter(text => text === SAID).length
    const unaware = count === 2 && last.reason === 'bye'
    return verdict(
      bob,
      last,
      unaware ? `alice said "${SAID}" once, bob reads it ${count} times, and both part cleanly` : null,
    )
  }
}

const REFLECTED = 'I will pay for both of us'

export const reflection: Plays = {
  basic: turnRound('basic'),
  'textbook-dh': turnRound('textbook-dh'),
  'textbook-aes': turnRound('textbook-aes'),
  dh: turnRound('dh'),
  aes: turnRound('aes'),
}

/**
 * The first text of alice stands where the first one of bob would: it has the same id, the same place in the key stream and,
 * were there no keys and no byte for each direction, the tag that is due.
 */
function turnRound(rung: ChatRung): Play {
  return async scene => {
    const { alice } = await openConversation(
      scene,
      rung,
      on(carrier(rung), (passing, forward) => {
        scene.tell('Mallory sends back what alice sent, byte for byte. Bob never gets it.', {
          label: 'from alice, and to alice',
          bytes: passing.bytes,
        })
        reflect(passing, forward)
      }),
    )
    alice.say(REFLECTED)
    const last = await alice.next({ event: 'message', direction: 'in' }, 'closed')
    const heard = textsSeenBy(alice).includes(REFLECTED)
    return verdict(alice, last, heard ? `bob said nothing, and alice reads "${REFLECTED}" as his words` : null)
  }
}

const YESTERDAY = 'yes, sell the house'
const TODAY = 'no, keep the house'

export const splicing: Plays = {
  basic: useOldAnswer('basic'),
  'textbook-dh': useOldAnswer('textbook-dh'),
  'textbook-aes': useOldAnswer('textbook-aes'),
  dh: useOldAnswer('dh'),
  aes: useOldAnswer('aes'),
}

/** Both are the first text of their conversation: all numbers are the same. */
function useOldAnswer(rung: ChatRung): Play {
  return async scene => {
    const { alice, bob, path } = await openConversation(scene, rung)
    await say(alice, bob, YESTERDAY)
    const old = await path.awaits(carrier(rung))
    scene.tell('Alice and bob talk, and mallory keeps what alice sends.', { label: 'recorded', bytes: old.bytes })
    await part(alice, bob)

    path.setTamper(
      on(carrier(rung), ({ bytes }, forward) => {
        scene.tell(
          'The next day alice calls again. Mallory puts what she recorded in the place of what alice says now.',
          { label: 'what alice sent', bytes },
          { label: 'what bob gets', bytes: old.bytes },
        )
        forward.onward(old.bytes)
      }),
    )
    await callAndAccept(alice, bob)
    alice.say(TODAY)
    const last = await bob.next({ event: 'message', direction: 'in' }, 'closed')
    const fooled = textsSeenBy(bob)[1] === YESTERDAY
    return verdict(
      bob,
      last,
      fooled ? `alice says "${TODAY}" today, and bob reads "${YESTERDAY}", which was yesterday` : null,
    )
  }
}
