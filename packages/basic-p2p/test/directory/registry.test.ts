import { expect, test, vi } from 'vitest'
import { type Card, memoryRegistry } from '../../src/directory/registry.ts'

const card = (name: string, fingerprint: string | null = null): Card => ({
  name,
  host: '127.0.0.1',
  port: 1,
  fingerprint,
})
const ignore = () => undefined

test('without identities a name belongs to whoever has it, until it is given back', async () => {
  const registry = memoryRegistry()
  const release = await registry.claim(card('alice'), ignore)
  await expect(registry.claim(card('alice'), ignore)).rejects.toMatchObject({ code: 'name-taken' })
  await release()
  await expect(registry.claim(card('alice'), ignore)).resolves.toBeTypeOf('function')
})

test('with identities the same key replaces itself, and its old claim is over', async () => {
  const registry = memoryRegistry()
  const replaced = vi.fn()
  const presence = vi.fn()
  registry.watch('alice', presence)
  const releaseOld = await registry.claim(card('alice', 'key a'), replaced)
  const releaseNew = await registry.claim({ ...card('alice', 'key a'), port: 2 }, ignore)
  expect(replaced).toHaveBeenCalledOnce()
  expect(presence.mock.calls).toEqual([['alice', true]])
  await releaseOld()
  expect(await registry.lookup('alice')).toMatchObject({ port: 2 })
  await releaseNew()
  expect(await registry.lookup('alice')).toBeNull()
  expect(presence.mock.calls).toEqual([
    ['alice', true],
    ['alice', false],
  ])
})

test('a name stays bound to the first key that had it, also while nobody is there', async () => {
  const registry = memoryRegistry()
  const release = await registry.claim(card('alice', 'key a'), ignore)
  await expect(registry.claim(card('alice', 'key m'), ignore)).rejects.toMatchObject({ code: 'name-taken' })
  await release()
  await expect(registry.claim(card('alice', 'key m'), ignore)).rejects.toMatchObject({ code: 'name-taken' })
  await expect(registry.claim(card('alice', 'key a'), ignore)).resolves.toBeTypeOf('function')
})

test('whoever stops watching hears no more', async () => {
  const registry = memoryRegistry()
  const presence = vi.fn()
  registry.watch('alice', presence)
  registry.unwatch('alice', presence)
  await registry.claim(card('alice'), ignore)
  expect(presence).not.toHaveBeenCalled()
})

test('names that are watched have a limit, which unwatch() gives back once for each', async () => {
  const registry = memoryRegistry(3)
  const [alice, bob] = [vi.fn(), vi.fn()]
  for (const name of ['carol', 'dave']) registry.watch(name, alice)
  registry.watch('carol', bob)
  registry.watch('carol', bob)
  expect(() => registry.watch('dave', bob)).toThrow(expect.objectContaining({ code: 'too-many' }))
  registry.unwatch('dave', alice)
  registry.unwatch('dave', alice)
  registry.watch('dave', bob)
  expect(() => registry.watch('dave', alice)).toThrow(expect.objectContaining({ code: 'too-many' }))
  await registry.claim(card('carol'), ignore)
  expect([alice.mock.calls, bob.mock.calls]).toEqual([[['carol', true]], [['carol', true]]])
})

test('of thousands who watch a user, few are told before others have their turn, and all in the end', async () => {
  const registry = memoryRegistry()
  const heard = new Map<number, boolean>()
  let told = 0
  for (let i = 0; i < 5_000; i++) {
    registry.watch('alice', (_, online) => {
      told += 1
      heard.set(i, online)
    })
  }
  const release = await registry.claim(card('alice'), ignore)
  let most = told
  for (let before = told; told < 5_000; before = told) {
    await new Promise(resolve => setImmediate(resolve))
    most = Math.max(most, told - before)
  }
  expect(most).toBeLessThan(200)
  // Whoever comes and goes meanwhile is told as they are by then.
  await release()
  await (await registry.claim(card('alice'), ignore))()
  while ([...heard.values()].includes(true)) await new Promise(resolve => setImmediate(resolve))
  expect(heard.size).toBe(5_000)
})

test('whoever stops watching while thousands are told hears no more', async () => {
  const registry = memoryRegistry()
  const watchers = Array.from({ length: 1_000 }, () => vi.fn())
  for (const presence of watchers) registry.watch('alice', presence)
  await registry.claim(card('alice'), ignore)
  for (const presence of watchers) registry.unwatch('alice', presence)
  const told = watchers.filter(presence => presence.mock.calls.length > 0).length
  for (let turn = 0; turn < 50; turn++) await new Promise(resolve => setImmediate(resolve))
  expect(watchers.filter(presence => presence.mock.calls.length > 0)).toHaveLength(told)
  expect(told).toBeLessThan(1_000)
})

test('others are counted whether oneself is there or not', async () => {
  const registry = memoryRegistry()
  for (const name of ['bob', 'carol']) await registry.claim(card(name), ignore)
  expect(registry.countOthers('alice')).toBe(2)
  await registry.claim(card('alice'), ignore)
  expect(registry.countOthers('alice')).toBe(2)
})
