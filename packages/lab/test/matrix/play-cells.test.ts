import { expect, test } from 'vitest'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { type Attack, broken, resisted } from '../../src/attacks/attack.ts'
import {
  type Cell,
  cellsOfAttack,
  isAsClaimed,
  isMissed,
  isOtherThanClaimed,
  playAlone,
  type PlayedCell,
} from '../../src/attacks/cell.ts'
import { playCells } from '../../src/matrix/play-cells.ts'
import { claim, madeUpAttack } from '../support/made-up-attack.ts'

const UNSEEN = { began: () => undefined, missed: () => undefined, ended: () => undefined }

test('plays that wait long begin first, however late they are taught, and the others do not wait for them', async () => {
  let resolve = () => {}
  const othersAreDone = new Promise<void>(done => (resolve = done))
  const patient = madeUpAttack('patient', {
    patient: true,
    against: { aes: claim('resisted', async () => (await othersAreDone, resisted('it was awaited'))) },
  })
  let rest = 20
  const brisk = Array.from({ length: rest }, (_, i) =>
    madeUpAttack(`brisk-${i}`, {
      against: {
        aes: claim('broken', async () => {
          rest -= 1
          if (rest === 0) resolve()
          return broken('it was quick')
        }),
      },
    }),
  )
  const begun: string[] = []
  const began = ({ attack }: Cell) => void begun.push(attack.name)
  const played = await playCells(cellsOfAttack([...brisk, patient], ['aes']), { ...UNSEEN, began })
  expect(begun[0]).toBe('patient')
  expect(played.map(({ attack }) => attack)).toEqual([...brisk, patient])
})

test('a play that fails is a cell without a result, and all others are played', async () => {
  const fault = new Error('bob never came')
  const bad = madeUpAttack('bad', { against: { dh: claim('broken', () => Promise.reject(fault)) } })
  const good = madeUpAttack('good', { against: { aes: claim('broken', async () => broken('here it is')) } })
  const seen: PlayedCell[] = []
  await playCells(cellsOfAttack([bad, good], ['dh', 'aes']), { ...UNSEEN, ended: cell => void seen.push(cell) })
  const short = seen.map(({ attack, rung, claimed, result }) => [attack.name, rung, claimed, result])
  expect(short.map(String).toSorted()).toEqual([
    'bad,aes,n/a,n/a',
    'bad,dh,broken,',
    'good,aes,broken,broken',
    'good,dh,n/a,n/a',
  ])
  expect(seen.find(({ result }) => result === null)).toMatchObject({ error: fault })
})

/** An attack whose program is late in the first plays of it. */
function late(name: string, times: number, played: string[] = []): Attack {
  return madeUpAttack(name, {
    against: {
      aes: claim('resisted', async ({ tell }) => {
        played.push(name)
        tell(`${name} begins`)
        if (played.filter(other => other === name).length <= times) throw new ChatError('timeout', 'bob gave no cue')
        return resisted('bob came')
      }),
    },
  })
}

test('a play that misses its cue is played once more, alone, when all others are over', async () => {
  const played: string[] = []
  const attacks = [late('missing', 1, played), ...Array.from({ length: 9 }, (_, i) => late(`brisk-${i}`, 0, played))]
  const told: string[] = []
  const [first, ...others] = await playCells(cellsOfAttack(attacks, ['aes']), {
    ...UNSEEN,
    missed: ({ attack }) => void told.push(`missed ${attack.name}`),
    ended: ({ attack }) => void told.push(attack.name),
  })
  expect(first).toMatchObject({ claimed: 'resisted', result: 'resisted', evidence: 'bob came' })
  expect(others.every(isAsClaimed)).toBe(true)
  expect(told).toContain('missed missing')
  expect([told.at(-1), told.length]).toEqual(['missing', 11])
  expect(played.at(-1)).toBe('missing')
})

test('a cue that is missed twice is no result, and refutes nothing', async () => {
  const played: string[] = []
  const [cell] = await playCells(cellsOfAttack([late('missing', 9, played)], ['aes']), UNSEEN)
  if (cell === undefined) throw new Error('nothing was played')
  expect(cell).toMatchObject({ claimed: 'resisted', result: null, error: { code: 'timeout' } })
  expect([isAsClaimed(cell), isMissed(cell), isOtherThanClaimed(cell)]).toEqual([false, true, false])
  expect(played).toHaveLength(2)
})

test('who watches a play that misses its cue sees it once more from the beginning', async () => {
  const [cell] = cellsOfAttack([late('missing', 1)], ['aes'])
  if (cell === undefined) throw new Error('there is no cell')
  const told: string[] = []
  let plays = 0
  const audience = () => {
    const nth = (plays += 1)
    return { tell: (words: string) => void told.push(`${nth}: ${words}`), tap: undefined }
  }
  const again = () => void told.push('again')
  expect(await playAlone(cell, audience, again)).toMatchObject({ result: 'resisted' })
  expect(told).toEqual(['1: missing begins', 'again', '2: missing begins'])
})
