import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { outgoingFile } from '../src/files/outgoing-file.ts'
import type { SourceFile } from '../src/files/source-file.ts'
import { fileTeller } from '../src/files/file-update.ts'

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
  const file = outgoingFile(
    1,
    source,
    fileTeller(facts, () => undefined),
    () => undefined,
  )
  const send = () => Promise.resolve()
  file.offer(send)
  file.accepted(0)
  await nextTurn()
  file.suspend()
  file.offer(send)
  file.accepted(0)
  await nextTurn()
  expect(reads).toHaveLength(1)
  reads[0]?.()
  await nextTurn()
  expect(reads).toHaveLength(2)
  file.abandon('closed', '')
})
