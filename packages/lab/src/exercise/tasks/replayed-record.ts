import { type Exercise, wholeNumber, wholeText } from '../exercise.ts'
import { callBetween, captureOf, type Said } from '../conversations/conversation-capture.ts'
import { thing } from '../conversations/phrases.ts'
import { smallGroup, textbookConversation } from '../conversations/textbook-conversation.ts'
import type { Variant } from '../variant.ts'

export const replayedRecord: Exercise = {
  name: 'replayed-record',
  title: 'Find the record that came twice',
  session: 3,
  minutes: 25,
  parts: [
    { key: 'original', points: 2, asks: 'the packet in which the record first arrived', form: wholeNumber },
    { key: 'replay', points: 2, asks: 'the packet in which it arrived again', form: wholeNumber },
    { key: 'text', points: 2, asks: 'what it says, word for word', form: wholeText },
    { key: 'paid', points: 2, asks: 'how many coins bob has paid in all', form: wholeNumber },
    {
      key: 'sequence',
      points: 2,
      asks: "if each of alice's records had the numbers 0, 1, 2, ...: with which number would aes-chat check the repeated one?",
      form: wholeNumber,
    },
  ],
  script: null,
  prepare: variant => Promise.resolve(prepare(variant)),
}

function prepare(variant: Variant) {
  const { opening, protection } = textbookConversation(variant, smallGroup(variant))
  const count = variant.integer('orders', 5, 8)
  const orders = Array.from({ length: count }, (_, i) => {
    const coins = variant.integer(`coins ${i}`, 11, 99)
    return { coins, text: `Pay carol ${coins} coins for the ${thing(variant, `order ${i}`)}.` }
  })
  const records = orders.map(({ text }): Said => ({ from: 'dialler', bytes: protection.seal(text) }))
  const original = variant.integer('original', 0, count - 3)
  const replay = variant.integer('replay', original + 2, count)
  const sent = [...records.slice(0, replay), ...records.slice(original, original + 1), ...records.slice(replay)]
  const said = [
    ...opening,
    ...sent.flatMap(record => [record, { from: 'listener' as const, bytes: protection.seal('Paid.') }]),
  ]
  const capture = captureOf([{ ...callBetween('alice', 'bob'), said }])
  const packetOf = (nth: number) => String(capture.packets[0]?.[opening.length + 2 * nth])
  const repeated = orders[original]
  return {
    task: `Alice (10.0.0.2) tells bob (10.0.0.3), over the textbook's chat with AES, what to pay. She never repeats
herself. Someone on the path did: one of her records reached bob twice, and he paid twice. \`capture.pcapng\` was
recorded on bob's machine.

Find both packets, and what the record says. The group is small. What would aes-chat have done with it, and why?`,
    hints: [
      'Each record has a random IV. Two that begin with the same 16 bytes are no accident.',
      '`chat-lab crack capture.pcapng` recovers the texts. For packets: `chat-lab read capture.pcapng --json`, or Wireshark.',
      'aes-chat counts the records of each direction, and the number goes into the tag (docs/protocol.md, "Records on the aes rung"). A record that comes again is checked with the number of the place where it comes.',
    ],
    files: { 'capture.pcapng': capture.file },
    solution: {
      original: packetOf(original),
      replay: packetOf(replay),
      text: repeated?.text ?? '',
      paid: String(orders.reduce((sum, { coins }) => sum + coins, repeated?.coins ?? 0)),
      sequence: String(replay),
    },
  }
}
