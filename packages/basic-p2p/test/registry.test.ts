import { expect, test, vi } from 'vitest'
import { type Card, memoryRegistry } from '../src/directory/registry.ts'

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
  expect(presence.mock.calls).toEqual([[true]])
  await releaseOld()
  expect(await registry.lookup('alice')).toMatchObject({ port: 2 })
  await releaseNew()
  expect(await registry.lookup('alice')).toBeNull()
  expect(presence.mock.calls).toEqual([[true], [false]])
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
  const stop = registry.watch('alice', presence)
  stop()
  await registry.claim(card('alice'), ignore)
  expect(presence).not.toHaveBeenCalled()
})
