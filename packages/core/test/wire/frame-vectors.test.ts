import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { rethrowUnless } from '../../src/errors.ts'
import { encodeFrame, frameDecoder } from '../../src/wire/frame.ts'
import { type FrameVector, frameVectors, limitsOf } from '../support/frame-vectors.ts'

const file = new URL('../vectors/frame.json', import.meta.url)
const vectors: FrameVector[] = JSON.parse(readFileSync(file, 'utf8'))

/** What the decoder makes of a vector's stream in chunks of that size. */
function decoded(vector: FrameVector, chunk: number): Pick<FrameVector, 'messages' | 'error'> {
  const stream = Buffer.from(vector.stream, 'hex')
  const decoder = frameDecoder(limitsOf(vector))
  const messages: { type: number; body: string }[] = []
  try {
    for (let at = 0; at < stream.length; at += chunk) {
      decoder.push(stream.subarray(at, at + chunk), ({ type, body }) => {
        messages.push({ type, body: Buffer.from(body).toString('hex') })
      })
    }
  } catch (error) {
    rethrowUnless(error)
    return { messages, error: error.code }
  }
  return { messages, error: decoder.midFrame ? 'cut' : null }
}

test('the vectors are those that the generator makes', () => {
  expect(vectors).toEqual(frameVectors())
})

test.each(vectors)('decodes: $name', vector => {
  const { messages, error } = vector
  for (const chunk of [1, 2, 3, 5, 7, 1_000]) expect(decoded(vector, chunk)).toEqual({ messages, error })
})

test.each(vectors.filter(vector => vector.error === null))('encodes: $name', ({ messages, stream }) => {
  const frames = messages.map(({ type, body }) => encodeFrame({ type, body: Buffer.from(body, 'hex') }))
  expect(Buffer.concat(frames).toString('hex')).toBe(stream)
})
