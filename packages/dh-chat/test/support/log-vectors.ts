import { fixedBytes } from '../../../core/test/support/fixed-bytes.ts'
import { encodeEntry, type LogEntry } from '../../src/log/log-entry.ts'
import { LOG_LABEL, LOG_START, runSealer } from '../../src/log/log-items.ts'
import { MAGIC } from '../../src/log/scan-log.ts'
import { alice, bob, seedOf } from './people.ts'

/** A whole log; bytes in hex. */
export interface LogVector {
  readonly name: string
  /** The private key of the identity. */
  readonly seed: string
  readonly logKey: string
  readonly entries: readonly LogEntry[]
  readonly file: string
}

const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

const at = '2026-01-31T12:00:00.000Z'
const withBob = { at, peer: 'bob', fingerprint: bob.fingerprint } as const
const message = (direction: 'in' | 'out', id: string, text: string): LogEntry => ({
  event: 'message',
  ...withBob,
  direction,
  id,
  text,
})

/** @param runs the entries of each run of the client */
function vector(name: string, ...runs: readonly (readonly LogEntry[])[]): LogVector {
  const random = fixedBytes(`log vectors: ${name}`)
  const logKey = alice.deriveKey(LOG_LABEL)
  const parts: Uint8Array[] = [MAGIC]
  let place = LOG_START
  for (const entries of runs) {
    const sealer = runSealer(logKey, place, random)
    const items = [sealer.head, ...entries.map(entry => sealer.seal(encodeEntry(entry)))]
    parts.push(...items)
    place = { number: place.number + items.length, previousTag: items.at(-1)?.slice(-32) ?? place.previousTag }
  }
  const file = Buffer.concat(parts)
  return { name, seed: toHex(seedOf('alice')), logKey: toHex(logKey), entries: runs.flat(), file: toHex(file) }
}

export function logVectors(): LogVector[] {
  return [
    vector('nothing was said', [{ event: 'stop', at }]),
    vector(
      'two runs, of which the second goes on',
      [
        { event: 'open', ...withBob, identity: 'known' },
        message('out', '1', 'hello'),
        message('in', '1', 'two\nlines, \u{1f600}'),
        { event: 'closed', ...withBob, reason: 'cut', code: 'cut' },
        { event: 'stop', at },
      ],
      [message('in', '2', 'back again')],
    ),
    vector('texts on both sides of a bucket', [
      message('out', '1', 'x'.repeat(95)),
      message('out', '2', 'x'.repeat(96)),
    ]),
  ]
}
