import { receiptMessage, textMessage } from '@p2p-secure-chat/basic-p2p/chat/session-messages'
import type { Side } from '@p2p-secure-chat/core/capture/tcp-conversation'
import { encodeFrame, type Message } from '@p2p-secure-chat/core/wire/frame'
import { helloMessage } from '@p2p-secure-chat/core/wire/hello'
import { jsonMessage } from '@p2p-secure-chat/core/wire/json-body'
import { ACCEPT, CALL, GOODBYE, NAME } from '@p2p-secure-chat/core/wire/message-types'
import { MACHINES, type Said, type Talk } from './talk-capture.ts'
import type { Variant } from './variant.ts'

/** Ports: where people take calls, and from which they call. */
const LISTENING = 40_003
const DIALLING = 50_000

const CONVERSATION_BYTES = 16

/** Who talks in an exercise. */
export type Person = 'alice' | 'bob' | 'carol'

/** The two ends of a call between people. */
export function callBetween(dialler: Person, listener: Person, nth = 0): Pick<Talk, 'dialler' | 'listener'> {
  return {
    dialler: { host: MACHINES[dialler], port: DIALLING + nth },
    listener: { host: MACHINES[listener], port: LISTENING },
  }
}

/** CALL and ACCEPT, each with an id of its own. */
export function ring(variant: Variant, label: string): { readonly call: Message; readonly accept: Message } {
  const id = (side: string) => Buffer.from(variant.random(`${label} ${side}`)(CONVERSATION_BYTES)).toString('hex')
  return {
    call: jsonMessage(CALL, { conversation: id('call') }),
    accept: jsonMessage(ACCEPT, { conversation: id('accept') }),
  }
}

export const goodbye: Message = { type: GOODBYE, body: new Uint8Array() }

/** A conversation of the basic rung. */
export interface BasicTalk {
  readonly said: readonly Said[]
  /** At which place of `said` the dialler's texts are, in their order. */
  readonly texts: readonly number[]
}

/** The dialler says something, the other side acknowledges it, and so on. */
export function basicTalk(variant: Variant, dialler: Person, listener: Person, texts: readonly string[]): BasicTalk {
  const { call, accept } = ring(variant, `${dialler} calls ${listener}`)
  const said: Said[] = []
  const say = (from: Side, message: Message) => said.push({ from, bytes: encodeFrame(message) }) - 1
  const hello = helloMessage({ protocol: 'peer-basic/1' })
  say('dialler', hello)
  say('listener', hello)
  say('dialler', jsonMessage(NAME, { name: dialler }))
  say('listener', jsonMessage(NAME, { name: listener }))
  say('dialler', call)
  say('listener', accept)
  const places = texts.map((text, i) => {
    const place = say('dialler', textMessage(BigInt(i + 1), text))
    say('listener', receiptMessage(BigInt(i + 1)))
    return place
  })
  say('dialler', goodbye)
  say('listener', goodbye)
  return { said, texts: places }
}
