import { expect, test } from 'vitest'
import { arrive, precede } from '../../src/attacks/service/victims.ts'

const townThatSays = (refused: string) => ({ tryToStartClient: () => Promise.resolve({ refused }) })

test.each(['too-many', 'cut', 'timeout'])('who is refused with %s has found no place', async code => {
  expect(await arrive(townThatSays(code), 'alice')).toEqual({ refused: code })
})

test.each(['usage', 'internal', 'unreachable', 'undefined'])(
  'who is refused with %s is no result: that may be a fault of the stage',
  async code => {
    await expect(arrive(townThatSays(code), 'alice')).rejects.toThrow(`not for want of a place: ${code}`)
  },
)

test('an attack does not begin where there was no place before it', async () => {
  await precede(() => Promise.resolve(null))
  await expect(precede(() => Promise.resolve('too-many'))).rejects.toThrow('before the attack begins: too-many')
})
