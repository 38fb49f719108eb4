import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { delivery } from '../src/chat/delivery.ts'

test('texts count 1, 2, 3, ...', () => {
  const texts = delivery()
  expect([texts.send('x'), texts.send('x'), texts.send('x')]).toEqual([1n, 2n, 3n])
  expect(texts.unacknowledged).toBe(3)
})

test('a receipt stands for every text up to it, and each is acknowledged once', () => {
  const texts = delivery()
  for (let i = 0; i < 4; i++) texts.send('x')
  expect(texts.acknowledge(2n)).toEqual([1n, 2n])
  expect(texts.acknowledge(4n)).toEqual([3n, 4n])
  expect(texts.unacknowledged).toBe(0)
})

test('a receipt that says nothing new is an error', () => {
  const texts = delivery()
  for (let i = 0; i < 4; i++) texts.send('x')
  texts.acknowledge(2n)
  for (const id of [0n, 1n, 2n]) {
    expect(() => texts.acknowledge(id)).toThrow(expect.objectContaining({ code: 'bad-message' }))
  }
})

test('a receipt for a text that was never sent is an error', () => {
  const texts = delivery()
  texts.send('x')
  expect(() => texts.acknowledge(2n)).toThrow(expect.objectContaining({ code: 'bad-message' }))
  expect(() => texts.acknowledge(0xffff_ffff_ffff_ffffn)).toThrow(expect.objectContaining({ code: 'bad-message' }))
})

test.each([0n, 2n, 0xffff_ffff_ffff_ffffn])('the first text can not have id %s', id => {
  expect(() => delivery().receive(id)).toThrow(expect.objectContaining({ code: 'bad-message' }))
})

test('a repeated text is an error', () => {
  const texts = delivery()
  texts.receive(1n)
  expect(() => texts.receive(1n)).toThrow(expect.objectContaining({ code: 'bad-message' }))
})

test('a receipt is due for what the user has, not for what arrived, and once', () => {
  const texts = delivery()
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

test('whatever is lost on the way back, all texts are acknowledged once by the last receipt', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1 }), arrives => {
      const ours = delivery()
      const theirs = delivery()
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
