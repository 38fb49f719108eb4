import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ChatError, ERRORS, type ErrorCode, isErrorCode } from '../../src/errors.ts'
import { errorMessage, expectMessage, REMOTE_CODES, readError } from '../../src/wire/error-message.ts'
import { channelPair } from '../support/channel-pair.ts'
import { TEXT } from '../../../basic-p2p/src/messages/conversation.ts'
import { ERROR } from '../../src/wire/common-messages.ts'

const codes = Object.keys(ERRORS).filter(isErrorCode)
const told = codes.filter(code => REMOTE_CODES.has(code))
const secret = codes.filter(code => !REMOTE_CODES.has(code))
const hasCode = (code: string) => expect.objectContaining({ name: 'ChatError', code })
const json = (value: unknown) => Buffer.from(JSON.stringify(value))

test.each(told)('%s is told as it is, with the request that it answers', code => {
  const message = errorMessage(new ChatError(code, 'in plain words'), 7)
  expect(message.type).toBe(ERROR.type)
  expect(readError(message.body)).toEqual({ id: 7, error: hasCode(code) })
  expect(readError(message.body).error.message).toBe('the other side says: in plain words')
})

test.each(secret)('%s goes out as bad-message without a reason, and is not believed when a peer says it', code => {
  const { body } = errorMessage(new ChatError(code, 'the tag of record 5 was wrong'))
  expect(JSON.parse(Buffer.from(body).toString())).toEqual({ code: 'bad-message', message: 'refused' })
  expect(readError(json({ code, message: 'x' })).error).toEqual(hasCode('unexpected-message'))
})

test('a code that does not exist is not believed either', () => {
  for (const code of ['', 'toString', '__proto__', 'BAD-FRAME']) {
    expect(readError(json({ code, message: 'x' })).error).toEqual(hasCode('unexpected-message'))
  }
})

test('whatever an error quotes, its message fits', () => {
  const anyString = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\0', '"', '\\', '\ud800', '€', '👋'))
  fc.assert(
    fc.property(fc.constantFrom<ErrorCode>(...codes), anyString, fc.option(fc.double()), (code, part, id) => {
      const text = part.repeat(2_000)
      const message = errorMessage(new ChatError(code, text), id ?? undefined)
      expect(message.body.length).toBeLessThanOrEqual(ERROR.limit)
      expect(() => JSON.parse(Buffer.from(message.body).toString())).not.toThrow()
    }),
  )
})

test('an error that is not of that shape is bad-message', () => {
  for (const body of [Buffer.from('{}'), Buffer.from(''), json({ code: 1, message: 'x' }), json({ code: 'timeout' })]) {
    expect(() => readError(body)).toThrow(hasCode('bad-message'))
  }
})

test('what the other side has reported says so, and so does an error of ours that it caused', () => {
  const { error } = readError(errorMessage(new ChatError('timeout', 'too late')).body)
  expect(error.reported).toBe(true)
  expect(new ChatError('handshake-failed', 'refused', { cause: error }).reported).toBe(true)
  expect(() => readError(Buffer.from('{}'))).toThrow(expect.objectContaining({ reported: true }))
  const cause = new ChatError('cut', 'gone')
  expect(new ChatError('closed', 'over', { cause }).reported).toBe(false)
})

test('the one message that may come is passed on', async () => {
  const [alice, bob] = channelPair()
  await bob.send({ type: TEXT.type, body: Buffer.from('hello') })
  expect(Buffer.from(await expectMessage(alice, TEXT.type)).toString()).toBe('hello')
})

test('in its place an error is thrown, another message unexpected, an end cut', async () => {
  const [alice, bob] = channelPair()
  await bob.send(errorMessage(new ChatError('name-taken', 'alice is here already')))
  await bob.send({ type: TEXT.type, body: Buffer.from('hello') })
  await bob.close()
  await expect(expectMessage(alice, 0x22)).rejects.toEqual(hasCode('name-taken'))
  await expect(expectMessage(alice, 0x22)).rejects.toEqual(hasCode('unexpected-message'))
  await expect(expectMessage(alice, 0x22)).rejects.toEqual(hasCode('cut'))
})
