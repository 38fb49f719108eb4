import { conversationId } from '@p2p-secure-chat/basic-p2p/chat/conversation'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { ACCEPT, CALL } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { GOODBYE } from '@p2p-secure-chat/core/wire/common-messages'
import type { Variant } from '../variant.ts'
import { MACHINES, type Talk } from './talk-capture.ts'

/** Ports: where people take calls, and from which they call. */
const LISTENING = 40_003
const DIALLING = 50_000

/** Who talks in an exercise. */
export type Person = 'alice' | 'bob' | 'carol'

/** The two ends of a call between people. @param nth of all calls in one capture: each needs a port of its own */
export function callBetween(dialler: Person, listener: Person, nth = 0): Pick<Talk, 'dialler' | 'listener'> {
  return {
    dialler: { host: MACHINES[dialler], port: DIALLING + nth },
    listener: { host: MACHINES[listener], port: LISTENING },
  }
}

/** CALL and ACCEPT, each with an id of its own. */
export function callAndAccept(variant: Variant, label: string): { readonly call: Message; readonly accept: Message } {
  const id = (side: string) => conversationId(variant.random(`${label} ${side}`))
  return {
    call: CALL.message({ conversation: id('call') }),
    accept: ACCEPT.message({ conversation: id('accept') }),
  }
}

export const goodbye: Message = GOODBYE.message({})
