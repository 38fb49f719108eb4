import { expect, test } from 'vitest'
import { broken, resisted } from '../../src/attacks/attack.ts'
import { type Cell, cellsOf, type PlayedCell } from '../../src/attacks/cell.ts'
import { playCells } from '../../src/matrix/play-cells.ts'
import { claim, madeUpAttack } from '../support/made-up-attack.ts'

const UNSEEN = { began: () => undefined, ended: () => undefined }

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
  const played = await playCells(cellsOf([...brisk, patient], ['aes']), { ...UNSEEN, began })
  expect(begun[0]).toBe('patient')
  expect(played.map(({ attack }) => attack)).toEqual([...brisk, patient])
})

test('a play that fails is a cell without a result, and all others are played', async () => {
  const fault = new Error('bob never came')
  const bad = madeUpAttack('bad', { against: { dh: claim('broken', () => Promise.reject(fault)) } })
  const good = madeUpAttack('good', { against: { aes: claim('broken', async () => broken('here it is')) } })
  const seen: PlayedCell[] = []
  await playCells(cellsOf([bad, good], ['dh', 'aes']), { ...UNSEEN, ended: cell => void seen.push(cell) })
  const short = seen.map(({ attack, rung, claimed, result }) => [attack.name, rung, claimed, result])
  expect(short.map(String).toSorted()).toEqual([
    'bad,aes,n/a,n/a',
    'bad,dh,broken,',
    'good,aes,broken,broken',
    'good,dh,n/a,n/a',
  ])
  expect(seen.find(({ result }) => result === null)).toMatchObject({ error: fault })
})
