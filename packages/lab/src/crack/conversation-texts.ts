import { isUtf8 } from 'node:buffer'
import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { valueOf } from '@p2p-secure-chat/dissector/message/field'
import type { Observation, SeenFrame } from '@p2p-secure-chat/dissector/dissect/observation'
import { nameBook } from '@p2p-secure-chat/dissector/dissect/name-book'
import type { CrackEvent } from './crack-event.ts'
import { textbookKey } from '../textbook/toy-exchange.ts'
import { legacyRecordsOf, openLegacyRecord } from '@p2p-secure-chat/dissector/exchange/legacy-record'

type MessageEvent = Extract<CrackEvent, { event: 'message' }>

/**
 * Reads what was said from a second pass over the capture, in which the dissector has the keys of what was cracked.
 *
 * @param cracked numbers of the connections to tell of; a capture may bring keys of others with it
 * @param legacySecrets by the number of the connection, where there is one
 * @returns a function of each observation that tells what was said in it
 */
export function conversationTexts(
  cracked: ReadonlySet<number>,
  legacySecrets: ReadonlyMap<number, number>,
  tell: (event: MessageEvent) => void,
): (seen: Observation) => void {
  const names = nameBook()
  const keys = new Map([...legacySecrets].map(([connection, secret]) => [connection, textbookKey(BigInt(secret))]))

  function speak(frame: SeenFrame, text: string | null): void {
    const { connection, from, at, spoken } = frame
    const name = names.nameOf(connection, from, spoken) ?? formatAddress(connection[from])
    tell({ event: 'message', connection, packet: at.packet, from: name, text })
  }

  return seen => {
    if (seen.kind !== 'frame' || !cracked.has(seen.frame.connection.number)) return
    const { frame } = seen
    const { connection, plaintext } = frame
    names.learn(frame)
    if (frame.spoken === 'legacy-peer') {
      // The rest of a truncated record looks like a text but is not one.
      if (frame.name === 'legacy text') speak(frame, isUtf8(frame.bytes) ? (valueOf(frame, 'legacy.text') ?? '') : null)
      const key = keys.get(connection.number)
      if (key !== undefined) for (const record of legacyRecordsOf(frame)) speak(frame, openLegacyRecord(key, record))
      return
    }
    if (plaintext === null) return
    for (const inner of plaintext.frames) if (inner.name === 'TEXT') speak(frame, valueOf(inner, 'text') ?? '')
  }
}
