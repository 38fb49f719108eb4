import { expect, test, vi } from 'vitest'
import type { Channel } from '../../src/wire/channel.ts'
import { withGoodbye } from '../../src/wire/goodbye.ts'
import { channelPair } from '../support/channel-pair.ts'
import { TEXT } from '../../../basic-p2p/src/messages/conversation.ts'
import { GOODBYE } from '../../src/wire/common-messages.ts'

const text = { type: TEXT.type, body: Buffer.from('hello') }
const goodbye = { type: GOODBYE.type, body: new Uint8Array() }
const hasCode = (code: string) => expect.objectContaining({ code })

function pair(): { alice: Channel; rawBob: Channel; rawAlice: Channel } {
  const [rawAlice, rawBob] = channelPair()
  return { alice: withGoodbye(rawAlice), rawAlice, rawBob }
}

test('close() says goodbye, then ends the stream', async () => {
  const { alice, rawBob } = pair()
  await alice.send(text)
  await alice.close()
  expect(await rawBob.receive()).toEqual({ type: TEXT.type, body: new Uint8Array(text.body) })
  expect(await rawBob.receive()).toEqual(goodbye)
  expect(await rawBob.receive()).toBeNull()
})

test('closing again says nothing again', async () => {
  const { alice, rawBob } = pair()
  await Promise.all([alice.close(), alice.close()])
  await alice.close()
  expect(await rawBob.receive()).toEqual(goodbye)
  expect(await rawBob.receive()).toBeNull()
})

test('receives null for a goodbye, and nothing that follows it', async () => {
  const { alice, rawBob } = pair()
  await rawBob.send(goodbye)
  await rawBob.send(text)
  expect(await alice.receive()).toBeNull()
  expect(await alice.receive()).toBeNull()
})

test('an end without a goodbye is cut, and the channel below is aborted with the same error', async () => {
  const { alice, rawAlice, rawBob } = pair()
  const abort = vi.spyOn(rawAlice, 'abort')
  await rawBob.close()
  const error: unknown = await alice.receive().catch((e: unknown) => e)
  expect(error).toEqual(hasCode('cut'))
  expect(abort).toHaveBeenCalledWith(error)
  await expect(alice.receive()).rejects.toBe(error)
  await expect(alice.send(text)).rejects.toBe(error)
})

test('after both goodbyes the channel below is given up, whoever was first', async () => {
  for (const order of ['we', 'they']) {
    const { alice, rawAlice, rawBob } = pair()
    const abort = vi.spyOn(rawAlice, 'abort')
    await rawBob.send(goodbye)
    if (order === 'we') await alice.close()
    else expect(await alice.receive()).toBeNull()
    expect(abort).not.toHaveBeenCalled()
    if (order === 'we') expect(await alice.receive()).toBeNull()
    else await alice.close()
    expect(abort).toHaveBeenCalledExactlyOnceWith(hasCode('closed'))
    expect(await alice.receive()).toBeNull()
  }
})
