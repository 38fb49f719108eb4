import { NAME, RECEIPT, TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import type { Side } from '@p2p-secure-chat/core/capture/tcp-conversation'
import { encodeFrame, type Message } from '@p2p-secure-chat/core/wire/frame'
import { type Exercise, oneOfChoices, wholeNumber, wholeText } from '../exercise.ts'
import {
  callWasAccepted,
  callBetween,
  captureOf,
  goodbye,
  type Person,
  type Said,
} from '../conversations/conversation-capture.ts'
import { place, remark, thing } from '../conversations/phrases.ts'
import type { Variant } from '../variant.ts'

const CALLS: readonly (readonly [Person, Person])[] = [
  ['alice', 'bob'],
  ['bob', 'carol'],
  ['carol', 'alice'],
  ['alice', 'carol'],
]

export const recoverMessage: Exercise = {
  name: 'recover-message',
  title: 'Recover a message from a capture',
  session: 1,
  minutes: 25,
  parts: [
    {
      key: 'text',
      points: 4,
      asks: 'the message that says where the key is, all of it, word for word',
      form: wholeText,
    },
    { key: 'from', points: 2, asks: 'who said it', form: oneOfChoices('alice', 'bob', 'carol') },
    { key: 'to', points: 1, asks: 'to whom', form: oneOfChoices('alice', 'bob', 'carol') },
    { key: 'packet', points: 1, asks: 'the number of the packet that carried it', form: wholeNumber },
  ],
  script: null,
  prepare: variant => Promise.resolve(prepare(variant)),
}

function prepare(variant: Variant) {
  const secret = `The spare key is under the ${thing(variant, 'key')} behind the ${place(variant, 'key')}, ${variant.integer('steps', 11, 99)} steps to the left.`
  const calls = variant.shuffled('calls', CALLS)
  const told = variant.integer('call', 0, calls.length - 1)
  const texts = calls.map((_, i) => {
    const words = Array.from({ length: variant.integer(`texts ${i}`, 2, 5) }, (_, j) => remark(variant, `${i} ${j}`))
    if (i === told) words.splice(variant.integer('place', 0, words.length), 0, secret)
    return words
  })
  const talks = calls.map(([from, to], i) => basicConversation(variant, from, to, texts[i] ?? []))
  const capture = captureOf(
    talks.map(({ said }, i) => ({ ...callBetween(...(calls[i] ?? ['alice', 'bob']), i), said })),
  )
  const at = talks[told]?.texts[texts[told]?.indexOf(secret) ?? 0] ?? 0
  const [from = '', to = ''] = calls[told] ?? []
  return {
    task: `Alice (10.0.0.2), bob (10.0.0.3) and carol (10.0.0.4) chat with the programs of the second rung, which
encrypt nothing. You sat on the path and recorded all of it: \`capture.pcapng\`. In one of the conversations, one of
them tells another where the spare key is.

What did you have to break to read it?`,
    hints: [
      'Open the file in Wireshark, or draw it: `chat-lab read capture.pcapng`. The number in the second column is that of the packet.',
      'A text is a message of type 0x53 (TEXT). To find one of many: `chat-lab read capture.pcapng --json | grep key`.',
      'With the dissector (`chat-lab wireshark install`), filter for `p2pc.text contains "key"`.',
    ],
    files: { 'capture.pcapng': capture.file },
    solution: { text: secret, from, to, packet: String(capture.packets[told]?.[at]) },
  }
}

/** A conversation of the basic rung. */
export interface BasicTalk {
  readonly said: readonly Said[]
  /** At which place of `said` the dialler's texts are, in their order. */
  readonly texts: readonly number[]
}

/** The dialler says something, the other side acknowledges it, and so on. */
export function basicConversation(
  variant: Variant,
  dialler: Person,
  listener: Person,
  texts: readonly string[],
): BasicTalk {
  const { call, accept } = callWasAccepted(variant, `${dialler} calls ${listener}`)
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
