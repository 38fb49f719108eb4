import { setTimeout } from 'node:timers/promises'
import type { Address } from '@p2p-secure-chat/core/net/address'
import { rethrowUnless } from '@p2p-secure-chat/core/errors'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { dialRaw, type RawClient } from '@p2p-secure-chat/stage/raw-client'
import { type FramedRung, protocolOf, type TextbookRung } from '../../rungs.ts'
import { broken, type Outcome, type Play, type Plays, resisted, type Scene } from '../attack.ts'
import { talkOnce, say } from '../both-online.ts'
import { chatVictims, noPlace, precede, sceneServer, visitCalculator, visitTextbook } from './victims.ts'
import { MALLORYS_ADDRESSES } from './hostile-peer.ts'

/** Sockets from the address that alice has too: as many as a client or a calculator hears out from one address. */
const FROM_ALICES_ADDRESS = 16

/** Sockets from each of mallory's own addresses: together with the others 64, and so all places that there are. */
const FROM_EACH_OF_HERS = 12

/** Where each of them comes from; undefined for alice's address. */
const SOURCES: readonly (string | undefined)[] = [
  ...Array.from({ length: FROM_ALICES_ADDRESS }, () => undefined),
  ...MALLORYS_ADDRESSES.flatMap(from => Array.from({ length: FROM_EACH_OF_HERS }, () => from)),
]

/** How long mallory waits before she dials again where she was turned away, in milliseconds. */
const PAUSE = 100

/** How long they have been silent when alice comes, in milliseconds: longer than an honest program takes for its next word. */
const SILENCE = 1_500

/** How long alice's client tries, in seconds: with the silence before less than a handshake may take, when all sockets end. */
const ALICES_PATIENCE = '2'

export const silentSockets: Plays = {
  patient: true,
  calc: fillCalculator,
  basic: fillClient('basic'),
  'textbook-dh': fillTextbook('textbook-dh'),
  'textbook-aes': fillTextbook('textbook-aes'),
  dh: fillClient('dh'),
  aes: fillClient('aes'),
}

async function fillCalculator(scene: Scene): Promise<Outcome> {
  const server = await sceneServer(scene, 'calc')
  const visit = visitCalculator(scene, server)
  await precede(visit)
  // With a hello she would be served.
  return fill(scene, server, null, () => visit('alice'))
}

function fillTextbook(rung: TextbookRung): Play {
  return async scene => {
    const server = await sceneServer(scene, rung)
    const visit = visitTextbook(scene, server)
    await precede(visit)
    return fill(scene, server, null, () => visit('alice'))
  }
}

function fillClient(rung: FramedRung): Play {
  return async scene => {
    const { testbed, bob } = await chatVictims(scene, rung)
    const friend = await testbed.startClient('alice')
    await talkOnce(friend, bob)
    await friend.finish()
    return fill(scene, bob.address, encodeFrame(HELLO.message({ protocol: protocolOf(rung) })), async () => {
      const alice = await testbed.startClient('alice', { to: 'bob', flags: ['--wait', ALICES_PATIENCE] })
      const { event, code } = await alice.next('open', 'closed')
      if (event === 'closed') return noPlace('alice', String(code))
      await bob.next('open')
      await say(alice, bob, 'It is me again.')
      return null
    })
  }
}

/**
 * @param words what each socket says before it falls silent; null for nothing at all
 * @param comeAgain alice, who was served before, comes once more: null, or the code of why there is no place for her
 */
async function fill(
  scene: Scene,
  victim: Address,
  words: Uint8Array | null,
  comeAgain: () => Promise<string | null>,
): Promise<Outcome> {
  const sockets = SOURCES.map(from => silentSocket(scene, victim, from, words))
  await Promise.all(sockets.map(({ heard }) => heard))
  await setTimeout(SILENCE)
  scene.tell(
    `Alice has been served before, and has left. Mallory holds ${SOURCES.length} sockets, ${FROM_ALICES_ADDRESS} of them from alice's own ` +
      `address, and says ${words === null ? 'nothing' : 'hello and nothing more'}. When one of them is ended, she dials again.`,
    ...(words === null ? [] : [{ label: 'all that each of them says', bytes: words }]),
  )
  const refusal = await comeAgain()
  const gone = sockets.reduce((sum, { turnedAway }) => sum + turnedAway(), 0)
  if (refusal !== null) {
    return broken(`mallory's ${SOURCES.length} silent sockets keep out alice, who was served before: ${refusal}`)
  }
  return resisted(
    `alice is served beside ${SOURCES.length} silent sockets of mallory's, ${FROM_ALICES_ADDRESS} of them from her own address; ${gone} had to go`,
  )
}

/** A socket of mallory's that is dialled again whenever it is ended, until the scene ends. */
function silentSocket(
  { tap, afterwards }: Scene,
  victim: Address,
  from: string | undefined,
  words: Uint8Array | null,
): { readonly heard: Promise<void>; readonly turnedAway: () => number } {
  let socket: RawClient | undefined
  let over = false
  let turnedAway = 0
  let onHeard = () => {}
  const heard = new Promise<void>(resolve => {
    onHeard = resolve
  })
  afterwards(() => {
    over = true
    socket?.destroy()
  })

  async function hold(): Promise<void> {
    while (!over) {
      socket = await dialRaw(victim, { tap, from })
      if (over) return socket.destroy()
      const hello = await socket.firstBytes()
      onHeard()
      if (hello !== null && words !== null) await socket.write(words)
      const code = await socket.errorCode()
      socket.destroy()
      if (code === 'too-many') turnedAway += 1
      if (hello === null || code === 'too-many') await setTimeout(PAUSE)
    }
  }

  hold().catch((error: unknown) => {
    // The result shows in whether alice is served.
    rethrowUnless(error)
    onHeard()
  })
  return { heard, turnedAway: () => turnedAway }
}
