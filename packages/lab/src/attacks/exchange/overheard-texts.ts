import { readText, sessionLimits } from '@p2p-secure-chat/basic-p2p/chat/session-messages'
import { frameDecoder } from '@p2p-secure-chat/core/wire/frame'
import { ANSWER, HELLO, IDENTITY, OFFER, RECORD, RETRY, TEXT } from '@p2p-secure-chat/core/wire/message-types'
import { type SecureProtocol, sessionKeysOf } from '@p2p-secure-chat/dh-chat/handshake/key-schedule'
import type { Side } from '../../capture/stream-event.ts'
import { openHandshake } from '../../crack/opened-handshake.ts'
import type { Passing } from '../../stage/path.ts'
import { recordsOf } from './records-of.ts'

/**
 * Reads a conversation that crossed the wire, as a sniffer does who tries a shared secret on it.
 *
 * @param passed all frames of one connection
 * @param shared the Diffie-Hellman secret as bytes of exactly the length of p
 * @returns what both sides said, first what the listener said; null when this is not the secret
 */
export function overheardTexts(
  passed: readonly Passing[],
  spoken: SecureProtocol,
  shared: Uint8Array,
): readonly string[] | null {
  const frames = (from: Side, type: number) => passed.filter(seen => seen.from === from && seen.type === type)
  const first = (from: Side, type: number) => frames(from, type)[0]?.bytes ?? new Uint8Array()

  const { proved, session } = openHandshake(
    {
      spoken,
      initiator: 'dialler',
      hellos: { dialler: first('dialler', HELLO), listener: first('listener', HELLO) },
      agreement: passed.filter(({ type }) => [OFFER, RETRY, ANSWER].includes(type)).map(({ bytes }) => bytes),
      identities: { dialler: first('dialler', IDENTITY), listener: first('listener', IDENTITY) },
    },
    shared,
  )
  if (!proved || session === null) return null

  const { initiator, responder } = sessionKeysOf(spoken, session.secret).traffic
  // Whoever reads both sides opens what each of them opens.
  const listener = recordsOf(spoken, { send: initiator.slice(), receive: responder.slice() }, 'initiator')
  const dialler = recordsOf(spoken, { send: responder, receive: initiator }, 'responder')
  const texts: string[] = []
  for (const [from, records] of [
    ['listener', listener],
    ['dialler', dialler],
  ] as const) {
    const decoder = frameDecoder(sessionLimits)
    for (const { body } of frames(from, RECORD)) {
      decoder.push(records.open(body), message => {
        if (message.type === TEXT) texts.push(readText(message.body).text)
      })
    }
  }
  return texts
}
