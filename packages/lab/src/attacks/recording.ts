import type { Side } from '@p2p-secure-chat/core/capture/tcp-conversation'
import { BLOCK_BYTES } from '@p2p-secure-chat/core/cipher/aes-cbc'
import type { Connection } from '@p2p-secure-chat/dissector/capture/stream-event'
import { dissector } from '@p2p-secure-chat/dissector/dissect/dissector'
import type { Observation } from '@p2p-secure-chat/dissector/dissect/observation'
import { secretsOf } from '@p2p-secure-chat/dissector/dissect/secrets'
import type { SeenHandshake } from '@p2p-secure-chat/dissector/exchange/evidence'
import { evidenceCollector } from '@p2p-secure-chat/dissector/exchange/evidence-collector'
import { openLegacyRecord } from '@p2p-secure-chat/dissector/exchange/legacy-record'
import { keyLogLines, openHandshake } from '@p2p-secure-chat/dissector/exchange/opened-handshake'
import { matches, type Passing } from '@p2p-secure-chat/stage/path'
import { conversationTexts } from '../crack/conversation-texts.ts'
import { textbookKey } from '../textbook/toy-exchange.ts'

/** Every byte of one conversation of the dh or the aes rung, as an eavesdropper on the path kept it. */
export interface ConversationRecording {
  /** What of the handshake is in the open. */
  readonly handshake: SeenHandshake
  /**
   * The texts that come out under a Diffie-Hellman secret; none if the two had a different one.
   *
   * @param shared as bytes of exactly the length of p
   */
  textsUnder(shared: Uint8Array): string[]
  /** The texts that come out with these lines of a key log. */
  textsWith(keyLog: string): string[]
}

/** What the dissector needs to know of something that crossed a path. */
export type Crossed = Pick<Passing, 'connection' | 'from' | 'bytes'>

/** As readers of captures call it. */
const CONNECTION: Connection = {
  number: 0,
  dialler: { host: 'alice', port: 0 },
  listener: { host: 'bob', port: 0 },
  whole: true,
}

/**
 * Dissects what crossed a path, as `chat-lab read` dissects a capture.
 *
 * @param passed of several connections, the first one counts
 * @param keyLog lines of a key log, if there are any
 */
export function dissectPassed(passed: readonly Crossed[], see: (observation: Observation) => void, keyLog = ''): void {
  const reader = dissector(secretsOf(keyLog))
  const kept = passed.filter(({ connection }) => connection === passed[0]?.connection)
  kept.forEach(({ from, bytes }, i) => {
    reader.push({ kind: 'bytes', at: { packet: i + 1, time: null }, connection: CONNECTION, from, bytes }, see)
  })
}

/**
 * @param passed of several connections, the first one counts
 * @throws {Error} if it contains no whole handshake
 */
export function recordingOf(passed: readonly Passing[]): ConversationRecording {
  function textsWith(keyLog: string): string[] {
    const texts: string[] = []
    const numbers = new Set([CONNECTION.number])
    dissectPassed(
      passed,
      conversationTexts(numbers, new Map(), ({ text }) => void texts.push(text ?? '')),
      keyLog,
    )
    return texts
  }

  const collector = evidenceCollector()
  dissectPassed(passed, collector.see)
  const [handshake] = collector.evidence
  if (handshake?.kind !== 'handshake') throw new Error('no handshake was recorded')
  return {
    handshake,
    textsUnder: shared => textsWith(keyLogLines([openHandshake(handshake, shared)])),
    textsWith,
  }
}

/** Every byte of one conversation of textbook AES, as an eavesdropper on the path kept it. */
export interface TextbookRecording {
  /** The public values of both sides. */
  readonly publicValues: Readonly<Record<Side, bigint>>
  /** The texts that come out under a Diffie-Hellman secret: most likely none if the two had a different one. */
  textsUnder(secret: bigint): string[]
}

/**
 * @param passed all segments of one connection; the first one of each side is its public value, in decimal
 * @throws {Error} when no whole exchange is in it
 */
export function textbookRecordingOf(passed: readonly Passing[]): TextbookRecording {
  function valueOf(from: Side): bigint {
    const segment = passed.find(matches({ from }))
    if (segment === undefined) throw new Error(`no public value of the ${from} was recorded`)
    return BigInt(Buffer.from(segment.bytes).toString())
  }

  const records = passed
    .filter(({ nth }) => nth > 0)
    .map(({ bytes }) => ({ iv: bytes.subarray(0, BLOCK_BYTES), ciphertext: bytes.subarray(BLOCK_BYTES) }))
  return {
    publicValues: { dialler: valueOf('dialler'), listener: valueOf('listener') },
    textsUnder: secret => records.flatMap(record => openLegacyRecord(textbookKey(secret), record) ?? []),
  }
}
