import { NAME, RECEIPT, TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import type { Side } from '@p2p-secure-chat/core/capture/tcp-conversation'
import { encodeFrame, type Message } from '@p2p-secure-chat/core/wire/frame'
import type { Variant } from '../variant.ts'
import { callAndAccept, goodbye, type Person } from './call.ts'
import type { Said } from './talk-capture.ts'

/** A conversation of the basic rung. */
export interface BasicTalk {
  readonly said: readonly Said[]
  /** At which place of `said` the dialler's texts are, in their order. */
  readonly texts: readonly number[]
}

/** The dialler says something, the other side acknowledges it, and so on. */
export function basicTalk(variant: Variant, dialler: Person, listener: Person, texts: readonly string[]): BasicTalk {
  const { call, accept } = callAndAccept(variant, `${dialler} calls ${listener}`)
  const said: Said[] = []
  const say = (from: Side, message: Message) => said.push({ from, bytes: encodeFrame(message) }) - 1
  const hello = HELLO.message({ protocol: 'peer-basic/1' })
  say('dialler', hello)
  say('listener', hello)
  say('dialler', NAME.message({ name: dialler }))
  say('listener', NAME.message({ name: listener }))
  say('dialler', call)
  say('listener', accept)
  const places = texts.map((text, i) => {
    const place = say('dialler', TEXT.message({ id: BigInt(i + 1), text }))
    say('listener', RECEIPT.message({ id: BigInt(i + 1) }))
    return place
  })
  say('dialler', goodbye)
  say('listener', goodbye)
  return { said, texts: places }
}
