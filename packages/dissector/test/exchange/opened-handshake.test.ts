import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { HandshakeVector } from '../../../dh-chat/test/support/handshake-vectors.ts'
import type { SeenHandshake } from '../../src/exchange/evidence.ts'
import { keyLogLines, openHandshake } from '../../src/exchange/opened-handshake.ts'

const file = new URL('../../../dh-chat/test/vectors/handshake.json', import.meta.url)
const vectors: HandshakeVector[] = JSON.parse(readFileSync(file, 'utf8'))

const HELLO = 0x01
const IDENTITY = 0x34

/** What a capture shows of a handshake; the numbers of the exchange do not matter here. */
function seenIn({ protocol, frames }: HandshakeVector, initiator: 'dialler' | 'listener'): SeenHandshake {
  const bytes = frames.map(({ from, frame }) => ({ from, frame: new Uint8Array(Buffer.from(frame, 'hex')) }))
  const both = (type: number) => {
    const of = (from: string) =>
      bytes.find(sent => sent.from === from && sent.frame[4] === type)?.frame ?? new Uint8Array()
    return initiator === 'dialler'
      ? { dialler: of('initiator'), listener: of('responder') }
      : { dialler: of('responder'), listener: of('initiator') }
  }
  return {
    kind: 'handshake',
    connection: { number: 0, dialler: { host: '', port: 1 }, listener: { host: '', port: 2 }, whole: true },
    spoken: protocol,
    initiator,
    hellos: both(HELLO),
    agreement: bytes.map(({ frame }) => frame).filter(frame => [0x31, 0x32, 0x33].includes(frame[4] ?? 0)),
    group: '',
    bits: 0,
    publicValues: { dialler: 0n, listener: 0n },
    identities: both(IDENTITY),
  }
}

test.each(vectors.map(vector => [vector.name, vector] as const))('the secrets of %s', (_, vector) => {
  const shared = Buffer.from(vector.sharedSecret, 'hex')
  for (const initiator of ['dialler', 'listener'] as const) {
    const seen = seenIn(vector, initiator)
    const opened = openHandshake(seen, shared)
    expect(opened.proved).toBe(true)
    expect(keyLogLines([opened])).toBe(
      `P2PC_HANDSHAKE_SECRET ${vector.T1.hash} ${vector.handshakeSecret}\n` +
        `P2PC_SESSION_SECRET ${vector.T3.hash} ${vector.sessionSecret}\n`,
    )
    expect(
      openHandshake(
        seen,
        shared.map(byte => byte ^ 1),
      ).proved,
    ).toBe(false)

    const cut = openHandshake({ ...seen, identities: { dialler: null, listener: null } }, shared)
    expect([cut.proved, keyLogLines([cut])]).toEqual([
      false,
      `P2PC_HANDSHAKE_SECRET ${vector.T1.hash} ${vector.handshakeSecret}\n`,
    ])
  }
})
