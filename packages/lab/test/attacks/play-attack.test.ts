import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { broken, type Scene } from '../../src/attacks/attack.ts'
import { playAttack } from '../../src/attacks/play-attack.ts'
import { claim } from '../support/made-up-attack.ts'
import { leftBehind } from '@p2p-secure-chat/stage/leftovers'

test('what a play opened is ended the last one first, and its folder is gone', async () => {
  const ended: string[] = []
  let kept = ''
  const outcome = await playAttack(
    claim('broken', async ({ folder, afterwards }) => {
      kept = folder
      await writeFile(join(folder, 'file'), 'something')
      afterwards(() => void ended.push('first'))
      afterwards(async () => void ended.push('second'))
      return broken('it is in hand')
    }),
  )
  expect(outcome).toEqual(broken('it is in hand'))
  expect(ended).toEqual(['second', 'first'])
  expect(existsSync(kept)).toBe(false)
  expect(leftBehind()).toBe(0)
})

test('what does not end as it should keeps nothing else from its end, and there is no result', async () => {
  const ended: string[] = []
  let kept = ''
  const play = playAttack(
    claim('broken', async ({ folder, afterwards }) => {
      kept = folder
      afterwards(() => void ended.push('first'))
      afterwards(() => {
        throw new Error('the door is stuck')
      })
      return broken('it is in hand')
    }),
  )
  await expect(play).rejects.toThrow('the door is stuck')
  expect(ended).toEqual(['first'])
  expect(existsSync(kept)).toBe(false)
})

test('what goes wrong in the play is told, and not what goes wrong after it', async () => {
  const play = playAttack(
    claim('broken', async ({ afterwards }) => {
      afterwards(() => Promise.reject(new Error('the door is stuck')))
      throw new Error('bob never came')
    }),
  )
  await expect(play).rejects.toThrow('bob never came')
})

test('what is opened after the end of its play is ended at once', async () => {
  const scenes: Scene[] = []
  await playAttack(
    claim('broken', async scene => {
      scenes.push(scene)
      return broken('it is in hand')
    }),
  )
  await new Promise<void>(resolve => scenes[0]?.afterwards(resolve))
})
