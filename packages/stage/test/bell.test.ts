import { expect, test } from 'vitest'
import { bell } from '../src/bell.ts'

test('what is there already is found without a ring', async () => {
  expect(await bell().until(() => 'here')).toBe('here')
})

test('all who wait look again at each ring, in the order in which they came, and each finds its own', async () => {
  const { ring, until } = bell()
  const there: string[] = []
  const looks: string[] = []
  const wait = (wanted: string) =>
    until(() => {
      looks.push(wanted)
      return there.find(thing => thing === wanted)
    })
  const waits = [wait('first'), wait('second')]
  ring()
  there.push('second')
  ring()
  there.push('first')
  ring()
  ring()
  expect(await Promise.all(waits)).toEqual(['first', 'second'])
  expect(looks).toEqual(['first', 'second', 'first', 'second', 'first', 'second', 'first'])
})

test('a look that throws ends the waiting of that one', async () => {
  const { ring, until } = bell()
  let gone = false
  const failing = until(() => {
    if (gone) throw new Error('gone')
    return undefined
  })
  const other = until(() => (gone ? 'there' : undefined))
  gone = true
  ring()
  await expect(failing).rejects.toThrow('gone')
  expect(await other).toBe('there')
})
