import type { Side } from '@p2p-secure-chat/core/capture/tcp-conversation'
import { BLOCK_BYTES } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { openLegacyRecord } from '@p2p-secure-chat/dissector/exchange/legacy-record'
import { isIt, type Passing } from '@p2p-secure-chat/stage/path'
import { textbookKey } from '../textbook/toy-exchange.ts'

/** Every byte of one conversation of textbook AES, as somebody on the path kept it. */
export interface TextbookRecording {
  /** The public values of both sides. */
  readonly publicValues: Readonly<Record<Side, bigint>>
  /** The texts that come out under a Diffie-Hellman secret: none, most likely, if it is another one than the two had. */
  textsUnder(secret: bigint): string[]
}

/**
 * @param passed all segments of one connection; the first one of each side is its public value, in decimal
 * @throws {Error} when no whole exchange is in it
 */
export function textbookRecordingOf(passed: readonly Passing[]): TextbookRecording {
  function valueOf(from: Side): bigint {
    const segment = passed.find(isIt({ from }))
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
