import type { Socket } from 'node:net'
import type { Side } from '@p2p-secure-chat/core/capture/tcp-conversation'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Address } from '@p2p-secure-chat/core/net/address'
import { RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import { ignorable } from '@p2p-secure-chat/core/contain'
import { defaultGroups } from '@p2p-secure-chat/dh-chat/group/chosen-groups'
import { KEY_AT, MAC_AT, SIGNATURE_AT, type Signer } from '@p2p-secure-chat/dh-chat/handshake/identity-message'
import { IDENTITY, OFFER } from '@p2p-secure-chat/dh-chat/messages'
import { dialHere, listenHere } from '@p2p-secure-chat/stage/own-network'
import { pass, type Path } from '@p2p-secure-chat/stage/path'
import { type ChatRung, isTextbook, type SecureRung } from '../../rungs.ts'
import { beginChat, type TextbookStep } from '../../textbook/chat.ts'
import { broken, type Outcome, type Play, type Plays, resisted, type Scene, type ShownBytes } from '../attack.ts'
import { talkOnce, startBoth, isRefusal, textsSeenBy, tryToCall } from '../both-online.ts'
import {
  agree,
  greet,
  type MallorysHandshake,
  type MallorysTalk,
  type ShownIdentity,
  talkAsPeer,
} from './mallorys-handshake.ts'

const SAID = 'Meet me at noon. Come alone.'
const FORGED = 'Meet me at dusk. Come alone.'

export const mitm: Plays = {
  'textbook-dh': sitInTheMiddle('textbook-dh', betweenTextbooks('plain')),
  'textbook-aes': sitInTheMiddle('textbook-aes', betweenTextbooks('aes')),
  dh: sitInTheMiddle('dh', betweenClients('dh')),
  aes: sitInTheMiddle('aes', betweenClients('aes')),
}

/** The result of an exchange with each of the two. */
interface BothTalks {
  readonly withAlice: MallorysTalk
  /** Null where bob hangs up on her. */
  readonly withBob: MallorysTalk | null
}

/** Has the two exchanges. @throws {ChatError} when alice hangs up on her */
type Impersonate = (scene: Scene, alice: Socket, bob: Socket) => Promise<BothTalks>

/** What mallory read, and whether she told bob. */
interface Read {
  readonly text: string | null
  readonly told: boolean
}

function sitInTheMiddle(rung: ChatRung, impersonate: Impersonate): Play {
  return async scene => {
    const { alice, bob, path } = await startBoth(scene, rung)
    if (!isTextbook(rung)) {
      await talkOnce(alice, bob)
      scene.tell('Alice and bob have talked before: her client remembers his key.')
    }
    const interceptor = await openInterceptor(scene)
    path.forwardTo(interceptor)
    // What passed so far was between alice and bob.
    path.setTamper(pass)

    async function exchange(): Promise<BothTalks> {
      const caller = await interceptor.caller
      const socket = await dialHere(bob.address)
      scene.afterwards(() => void socket.destroy())
      const talks = await impersonate(scene, caller, socket)
      // On the textbook a text that came together with the public value before it would be lost.
      if (talks.withBob !== null) await bob.next('open')
      return talks
    }

    async function readAndChange({ withAlice, withBob }: BothTalks): Promise<Read> {
      const text = await withAlice.hear()
      scene.tell(`Mallory reads "${text}". Before bob gets it, she puts dusk in the place of noon.`)
      withBob?.say(String(text).replace('noon', 'dusk'))
      return { text, told: withBob !== null }
    }

    scene.tell('Alice calls bob. It is mallory who takes the call, and at the same moment calls bob.')
    const exchanged = ignorable(exchange())
    const answer = await tryToCall(alice, 'bob', ['handshake-failed'])
    if (isRefusal(answer)) return refused(scene, answer.refused, exchanged, path)
    const talks = await exchanged
    alice.say(SAID)
    const { text, told } = await readAndChange(talks)
    if (text !== SAID) throw new Error(`mallory reads "${text}"`)
    if (!told) return broken(`alice said "${text}" to mallory, whom she takes for bob`)
    await bob.next('message')
    const seen = textsSeenBy(bob).at(-1)
    if (seen !== FORGED) throw new Error(`bob reads "${String(seen)}"`)
    return broken(`alice said "${text}", mallory reads it, and bob reads "${seen}"`)
  }
}

/** Alice hung up. @throws {Error} unless mallory had shown her a proof first, and got none of alice's */
async function refused({ tell }: Scene, code: string, exchanged: Promise<BothTalks>, path: Path): Promise<Outcome> {
  const failure: unknown = await exchanged.catch((error: unknown) => error)
  if (!(failure instanceof ChatError)) throw new Error(`mallory's part ended with ${JSON.stringify(failure)}`)
  const types = (from: Side) => path.passed.filter(passing => passing.from === from).map(({ type }) => type)
  if (!types('listener').includes(IDENTITY.type)) throw new Error('alice hung up before mallory had shown her anything')
  const own = types('dialler')
  if (!own.includes(OFFER.type)) throw new Error('alice made no exchange with mallory')
  if (own.includes(IDENTITY.type) || own.includes(RECORD.type))
    throw new Error('alice hung up after she had said who she is')
  tell(
    "Alice checks whether bob's key has signed what she has seen. It did not, and she hangs up. She has not even said who she is.",
  )
  return resisted(`alice gets bob's identity from mallory, hangs up, and sends neither her own nor a text: ${code}`)
}

/** Two exchanges, each as the textbook has it; nobody asks who she is. */
function betweenTextbooks(step: TextbookStep): Impersonate {
  return async ({ tell }, alice, bob) => {
    const [withAlice, withBob] = await Promise.all([beginChat(alice, { step }), beginChat(bob, { step })])
    tell(
      `Both get a public value from her and send her theirs. She shares ${withAlice.secret} with alice and ` +
        `${withBob.secret} with bob.`,
    )
    return { withAlice, withBob }
  }
}

/** Two handshakes, in which she passes each of the two off as the other one, with all that they show her. */
function betweenClients(rung: SecureRung): Impersonate {
  return async ({ tell, tap }, alice, bob) => {
    const [toAlice, toBob] = await Promise.all([
      greet(alice, 'responder', rung, undefined).then(greeted => agree(greeted, defaultGroups())),
      greet(bob, 'initiator', rung, tap).then(greeted => agree(greeted, defaultGroups())),
    ])
    tell(
      'She has a secret with alice and another one with bob. So far it is as in the textbook. Now they ask for proofs.',
    )

    const bobsProof = await toBob.hear()
    tell('Bob proves himself to mallory, whom he takes for a caller. She can open it:', proofIn(bobsProof))
    tell('She shows alice the same name, key and signature, and recomputes the MAC around them: that key she has.')
    await toAlice.show(withSignatureOf(bobsProof))
    const alicesProof = await toAlice.hear()
    tell('Alice believes it, and proves herself in turn. Mallory shows that to bob.', proofIn(alicesProof))
    const [withAlice, withBob] = await Promise.all([
      toAlice.finish().then(channel => talkAsPeer(channel, 'responder')),
      takenFor(alicesProof, toBob),
    ])
    return { withAlice, withBob }
  }
}

/** Mallory calls bob with a stolen proof. @returns null if he hangs up */
async function takenFor(somebody: ShownIdentity, handshake: MallorysHandshake): Promise<MallorysTalk | null> {
  try {
    await handshake.show(withSignatureOf(somebody))
    return await talkAsPeer(await handshake.finish(), 'initiator')
  } catch (error) {
    if (error instanceof ChatError) return null
    throw error
  }
}

/** A victim's name and key, with the one signature of theirs that she has in place of their private key. */
const withSignatureOf = ({ name, key, signature }: ShownIdentity): Signer => ({ name, key, sign: () => signature })

function proofIn({ plaintext }: ShownIdentity): ShownBytes {
  const marks = [
    { from: 0, to: KEY_AT, meaning: 'the name' },
    { from: KEY_AT, to: SIGNATURE_AT, meaning: 'the key' },
    { from: SIGNATURE_AT, to: MAC_AT, meaning: 'the signature, over the exchange with mallory' },
  ]
  return { label: 'the identity', bytes: plaintext, marks }
}

/** A listener of mallory's that receives a call meant for someone else. */
export interface Interceptor extends Address {
  /** The first connection. */
  readonly caller: Promise<Socket>
}

/** Opens it on a free port; it ends with the scene. */
export async function openInterceptor({ afterwards }: Scene): Promise<Interceptor> {
  let taken: (caller: Socket) => void
  const caller = new Promise<Socket>(resolve => {
    taken = resolve
  })
  const listener = await listenHere({ host: '127.0.0.1', port: 0 }, socket => taken(socket))
  afterwards(() => {
    listener.stop()
    listener.destroyAll()
  })
  return { host: listener.host, port: listener.port, caller }
}
