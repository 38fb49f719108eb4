import type { Connection } from '../../capture/stream-event.ts'
import { conversationTexts } from '../../crack/conversation-texts.ts'
import type { SeenHandshake } from '../../crack/evidence.ts'
import { evidenceCollector } from '../../crack/evidence-collector.ts'
import { dissector } from '../../dissect/dissector.ts'
import type { Observation } from '../../dissect/observation.ts'
import { secretsOf } from '../../dissect/secrets.ts'
import type { Passing } from '../../stage/path.ts'

/** Every byte of one conversation of the dh or the aes rung, as somebody on the path kept it. */
export interface Recording {
  /** What of the handshake is in the open. */
  readonly handshake: SeenHandshake
  /** The texts that come out with these lines of a key log. */
  textsWith(keyLog: string): string[]
}

/** @throws {Error} when no whole handshake is in it */
export function recordingOf(passed: readonly Passing[]): Recording {
  const connection: Connection = {
    number: 0,
    dialler: { host: 'alice', port: 0 },
    listener: { host: 'bob', port: 0 },
    whole: true,
  }

  function replay(keyLog: string, see: (observation: Observation) => void): void {
    const reader = dissector(secretsOf(keyLog))
    passed.forEach(({ from, bytes }, i) => {
      reader.push({ kind: 'bytes', at: { packet: i + 1, time: null }, connection, from, bytes }, see)
    })
  }

  const collector = evidenceCollector()
  replay('', collector.see)
  const handshake = collector.evidence.find(({ kind }) => kind === 'handshake')
  if (handshake?.kind !== 'handshake') throw new Error('no handshake was recorded')
  return {
    handshake,
    textsWith(keyLog) {
      const texts: string[] = []
      replay(
        keyLog,
        conversationTexts(new Set([connection.number]), new Map(), ({ text }) => {
          if (text !== null) texts.push(text)
        }),
      )
      return texts
    },
  }
}
