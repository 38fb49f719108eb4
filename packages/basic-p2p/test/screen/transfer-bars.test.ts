import { expect, test } from 'vitest'
import type { ChatEvent } from '../../src/chat/chat-event.ts'
import { sizeInWords } from '../../src/files/file-update.ts'
import { transferBars } from '../../src/screen/transfer-bars.ts'

type FileEvent = Extract<ChatEvent, { event: 'file' }>

const file = (fields: Partial<FileEvent>): FileEvent => ({
  event: 'file',
  peer: 'bob',
  integrity: true,
  direction: 'out',
  id: 1,
  name: 'photo.jpg',
  size: 10_000_000,
  sha256: '',
  state: 'progress',
  bytes: 0,
  path: null,
  partial: null,
  asks: false,
  code: null,
  message: null,
  ...fields,
})

test('a bar shows how far a file is, how fast it goes and how long it will take', () => {
  const bars = transferBars()
  expect(bars.follow(file({ state: 'offered' }), 0)).toBe('')
  expect(bars.follow(file({}), 1_000)).toBe('file photo.jpg to bob [....................]   0%')
  expect(bars.follow(file({ bytes: 1_000_000 }), 1_500)).toBe(
    'file photo.jpg to bob [##..................]  10%  2.0 MB/s  0:05 left',
  )
  expect(bars.follow(file({ bytes: 10_000_000 }), 5_500)).toBe(
    'file photo.jpg to bob [####################] 100%  2.2 MB/s  0:00 left',
  )
  expect(bars.follow(file({ state: 'done' }), 6_000)).toBe('')
})

test('of very many files some have a bar', () => {
  const bars = transferBars()
  for (let id = 1; id <= 1_000; id++) bars.follow(file({ id, name: `${id}` }), 0)
  expect(bars.follow(file({ id: 1_000, name: '1000' }), 0)?.split('\n')).toHaveLength(8)
})

test('the rate is that of the last seconds', () => {
  const bars = transferBars()
  for (let second = 0; second <= 20; second++) bars.follow(file({ bytes: second * 100_000 }), second * 1_000)
  expect(bars.follow(file({ bytes: 3_000_000 }), 21_000)).toContain('280.0 kB/s')
})

test('an empty file is no division by zero, a standstill no rate, and hours are hours', () => {
  const bars = transferBars()
  expect(bars.follow(file({ size: 0 }), 0)).toContain('100%')
  bars.follow(file({ id: 2, size: 10 ** 9 }), 0)
  const [, second] = bars.follow(file({ id: 2, size: 10 ** 9, bytes: 0 }), 1_000)?.split('\n') ?? []
  expect(second).toBe('file photo.jpg to bob [....................]   0%')
  expect(bars.follow(file({ id: 2, size: 10 ** 9, bytes: 100_000 }), 2_000)).toContain('50.0 kB/s  5:33:18 left')
})

test('each file has its line; a lost connection is said, and what is no news changes nothing', () => {
  const bars = transferBars()
  bars.follow(file({ bytes: 5_000_000 }), 0)
  const both = bars.follow(file({ peer: 'carol', direction: 'in', name: 'x'.repeat(100) }), 0)
  expect(both?.split('\n')).toEqual([
    'file photo.jpg to bob [##########..........]  50%',
    `file ${'x'.repeat(24)}… from carol [....................]   0%`,
  ])
  expect(bars.follow({ event: 'interrupted', peer: 'bob', code: 'cut', message: '' }, 1)).toContain(
    'file photo.jpg to bob [##########..........]  50%  waiting for the connection',
  )
  expect(bars.follow({ event: 'presence', name: 'bob', online: true }, 2)).toBeNull()
})

test('a name can not command the terminal', () => {
  expect(transferBars().follow(file({ name: '\u001b[2J\u202e' }), 0)).toMatch(/^file ␛\[2J to bob/)
})

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [1_000, '1.0 kB'],
  [999_949, '999.9 kB'],
  [999_960, '1.0 MB'],
  [2 ** 53, '9.0 PB'],
])('%d bytes are %s', (bytes, words) => {
  expect(sizeInWords(bytes)).toBe(words)
})
