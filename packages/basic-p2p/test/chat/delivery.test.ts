import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Delivery } from '../../src/chat/delivery.ts'

test('texts count 1, 2, 3, ...', () => {
  const texts = new Delivery()
  expect([texts.send('x'), texts.send('x'), texts.send('x')]).toEqual([1n, 2n, 3n])
  expect(texts.unacknowledged).toBe(3)
})

test('a receipt stands for every text up to it, and each is acknowledged once', () => {
  const texts = new Delivery()
  for (let i = 0; i < 4; i++) texts.send('x')
  expect(texts.acknowledge(2n)).toEqual([1n, 2n])
  expect(texts.acknowledge(4n)).toEqual([3n, 4n])
  expect(texts.unacknowledged).toBe(0)
})

test('a receipt that says nothing new is an error', () => {
  const texts = new Delivery()
  for (let i = 0; i < 4; i++) texts.send('x')
  texts.acknowledge(2n)
  for (const id of [0n, 1n, 2n]) {
    expect(() => texts.acknowledge(id)).toThrow(expect.objectContaining({ code: 'bad-message' }))
  }
})

test('a receipt for a text that was never sent is an error', () => {
  const texts = new Delivery()
  texts.send('x')
  expect(() => texts.acknowledge(2n)).toThrow(expect.objectContaining({ code: 'bad-message' }))
  expect(() => texts.acknowledge(0xffff_ffff_ffff_ffffn)).toThrow(expect.objectContaining({ code: 'bad-message' }))
})

test.each([0n, 2n, 0xffff_ffff_ffff_ffffn])('the first text can not have id %s', id => {
  expect(() => new Delivery().receive(id)).toThrow(expect.objectContaining({ code: 'bad-message' }))
})

test('a repeated text is an error', () => {
  const texts = new Delivery()
  texts.receive(1n)
  expect(() => texts.receive(1n)).toThrow(expect.objectContaining({ code: 'bad-message' }))
})

test('a receipt is due for what the user has, not for what arrived, and once', () => {
  const texts = new Delivery()
  expect(texts.receipt()).toBeNull()
  texts.receive(1n)
  texts.receive(2n)
  expect(texts.receipt()).toBeNull()
  texts.handOver(1n)
  expect(texts.receipt()).toBe(1n)
  expect(texts.receipt()).toBeNull()
  texts.handOver(2n)
  expect(texts.receipt()).toBe(2n)
})

test('what was reported to a peer that connects again counts as acknowledged, on both sides', () => {
  const ours = new Delivery()
  const theirs = new Delivery()
  ours.send('x')
  theirs.receive(1n)
  theirs.handOver(1n)
  const reported = theirs.report()
  expect(theirs.receipt()).toBeNull()
  expect(ours.acknowledge(reported)).toEqual([1n])
  expect(() => ours.acknowledge(reported)).toThrow(expect.objectContaining({ code: 'bad-message' }))
})

test('whatever is lost on the way back, all texts are acknowledged once by the last receipt', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1 }), arrives => {
      const ours = new Delivery()
      const theirs = new Delivery()
      const acknowledged: bigint[] = []
      for (const [index, receiptArrives] of arrives.entries()) {
        const id = ours.send('x')
        theirs.receive(id)
        theirs.handOver(id)
        const receipt = theirs.receipt()
        if (receipt !== null && (receiptArrives || index === arrives.length - 1)) {
          acknowledged.push(...ours.acknowledge(receipt))
        }
      }
      expect(acknowledged).toEqual(arrives.map((_, index) => BigInt(index + 1)))
    }),
  )
})

test('texts are kept until they are acknowledged, and no longer', () => {
  const texts = new Delivery()
  for (const text of ['a', 'b', 'c']) texts.send(text)
  texts.acknowledge(2n)
  expect(texts.text(3n)).toBe('c')
  expect(() => texts.text(2n)).toThrow(RangeError)
  expect(() => texts.text(4n)).toThrow(RangeError)
})

test('who waits for room is held back while a megabyte waits for a receipt', async () => {
  const texts = new Delivery()
  const page = 'x'.repeat(16_384)
  for (let i = 0; i < 64; i++) texts.send(page)
  expect(texts.full).toBe(true)
  let room = false
  const waiting = texts.room().then(() => (room = true))
  await Promise.resolve()
  expect(room).toBe(false)
  texts.acknowledge(1n)
  await waiting
  expect(texts.full).toBe(false)
})

test('the end wakes who waits for room', async () => {
  const texts = new Delivery()
  for (let i = 0; i < 100; i++) texts.send('x'.repeat(16_384))
  const waiting = texts.room()
  texts.end()
  await waiting
})

test.each([
  ['long', 'x'.repeat(16_384)],
  ['empty', ''],
])(
  'who does not wait for room is refused in the end, also with %s texts, and nothing is lost of the others',
  (_, text) => {
    const texts = new Delivery()
    const refusal = expect.objectContaining({ code: 'too-many' })
    const fill = () => {
      for (let i = 0; i < 200_000; i++) texts.send(text)
    }
    expect(fill).toThrow(refusal)
    expect(texts.unacknowledged).toBe(Number(texts.sent))
    texts.acknowledge(texts.sent)
    expect(texts.send('there is room again')).toBe(texts.sent)
  },
)
