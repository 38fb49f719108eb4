import type { Connection } from '@p2p-secure-chat/dissector/capture/stream-event'
import { keyLogLines, openHandshake } from '@p2p-secure-chat/dissector/exchange/opened-handshake'
import { dissector } from '@p2p-secure-chat/dissector/dissect/dissector'
import type { Observation } from '@p2p-secure-chat/dissector/dissect/observation'
import { conversationTexts } from '../crack/conversation-texts.ts'
import type { SeenHandshake } from '@p2p-secure-chat/dissector/exchange/evidence'
import { evidenceCollector } from '@p2p-secure-chat/dissector/exchange/evidence-collector'
import { secretsOf } from '@p2p-secure-chat/dissector/dissect/secrets'
import type { Passing } from '@p2p-secure-chat/stage/path'

/** Every byte of one conversation of the dh or the aes rung, as somebody on the path kept it. */
export interface Recording {
  /** What of the handshake is in the open. */
  readonly handshake: SeenHandshake
  /**
   * The texts that come out under a Diffie-Hellman secret; none if it is another one than the two had.
   *
   * @param shared as bytes of exactly the length of p
   */
  textsUnder(shared: Uint8Array): string[]
  /** The texts that come out with these lines of a key log. */
  textsWith(keyLog: string): string[]
}

/** As readers of captures call it. */
const CONNECTION: Connection = {
  number: 0,
  dialler: { host: 'alice', port: 0 },
  listener: { host: 'bob', port: 0 },
  whole: true,
}

/**
 * @param passed of several connections, the first one counts
 * @throws {Error} when no whole handshake is in it
 */
export function recordingOf(passed: readonly Passing[]): Recording {
  function replay(keyLog: string, see: (observation: Observation) => void): void {
    const reader = dissector(secretsOf(keyLog))
    const kept = passed.filter(({ connection }) => connection === passed[0]?.connection)
    kept.forEach(({ from, bytes }, i) => {
      reader.push({ kind: 'bytes', at: { packet: i + 1, time: null }, connection: CONNECTION, from, bytes }, see)
    })
  }

  function textsWith(keyLog: string): string[] {
    const texts: string[] = []
    const numbers = new Set([CONNECTION.number])
    replay(
      keyLog,
      conversationTexts(numbers, new Map(), ({ text }) => void texts.push(text ?? '')),
    )
    return texts
  }

  const collector = evidenceCollector()
  replay('', collector.see)
  const [handshake] = collector.evidence
  if (handshake?.kind !== 'handshake') throw new Error('no handshake was recorded')
  return {
    handshake,
    textsUnder: shared => textsWith(keyLogLines([openHandshake(handshake, shared)])),
    textsWith,
  }
}
