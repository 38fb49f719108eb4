// Writes the vectors that docs/protocol.md refers to. They come from fixed randomness, so a run that changes a file has
// found a change of the protocol.
import { mkdirSync, writeFileSync } from 'node:fs'
import { recordLayerVectors } from '../packages/aes-chat/test/support/record-layer-vectors.ts'
import { frameVectors } from '../packages/core/test/support/frame-vectors.ts'
import { handshakeVectors } from '../packages/dh-chat/test/support/handshake-vectors.ts'
import { keystreamVectors } from '../packages/dh-chat/test/support/keystream-vectors.ts'
import { logVectors } from '../packages/dh-chat/test/support/log-vectors.ts'
import { safetyNumberVectors } from '../packages/dh-chat/test/support/safety-number-vectors.ts'

const vectors: Record<string, readonly object[]> = {
  'aes-chat/test/vectors/record-layer.json': recordLayerVectors(),
  'core/test/vectors/frame.json': frameVectors(),
  'dh-chat/test/vectors/handshake.json': await handshakeVectors(),
  'dh-chat/test/vectors/keystream.json': keystreamVectors(),
  'dh-chat/test/vectors/log.json': logVectors(),
  'dh-chat/test/vectors/safety-number.json': safetyNumberVectors(),
}

for (const [path, cases] of Object.entries(vectors)) {
  const file = new URL(`../packages/${path}`, import.meta.url)
  mkdirSync(new URL('.', file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(cases, null, 2)}\n`)
  console.log(`${cases.length} cases in packages/${path}`)
}
