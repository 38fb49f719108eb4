import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { FileTeller } from '../src/files/file-update.ts'
import { OutgoingOffer } from '../src/files/outgoing-offer.ts'
import type { SourceFile } from '../src/files/source-file.ts'

test('a read that belongs to a broken connection ends before the next one fills the same buffers', async () => {
  const reads: (() => void)[] = []
  const source: SourceFile = {
    path: '/photo.jpg',
    name: 'photo.jpg',
    size: 1_000,
    sha256: '',
    read: () => new Promise<void>(resolve => reads.push(resolve)),
    requireUnchanged: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
  const facts = { direction: 'out', id: 1, name: source.name, size: source.size, sha256: source.sha256 } as const
  const teller = new FileTeller(facts, () => undefined)
  const file = new OutgoingOffer({ id: 1, source, teller, onEnded: () => undefined })
  const send = () => Promise.resolve()
  file.connect(send)
  file.accepted(0)
  await nextTurn()
  file.suspend()
  file.connect(send)
  file.accepted(0)
  await nextTurn()
  expect(reads).toHaveLength(1)
  reads[0]?.()
  await nextTurn()
  expect(reads).toHaveLength(2)
  file.abandon('closed', '')
})
