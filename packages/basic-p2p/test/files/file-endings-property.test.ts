import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { rethrowUnless } from '@p2p-secure-chat/core/errors'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FilePolicy } from '../../src/files/file-transfers.ts'
import { PARTIALS_KEPT } from '../../src/files/partial-store.ts'
import {
  acceptLatest,
  afterDisk,
  declineLatest,
  expectOneEndEach,
  type Side,
  side,
  stopLatest,
} from '../support/file-side.ts'
import { CHUNK_BYTES } from '../../src/messages/files.ts'

/** What the two people do, and what happens to their connection. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ act: fc.constant('send' as const), who: fc.nat(1), file: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constantFrom('cancel', 'accept', 'decline' as const), who: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('cut' as const) }) },
  { weight: 4, arbitrary: fc.record({ act: fc.constant('wait' as const), turns: fc.nat(30) }) },
)
const acts = { accept: acceptLatest, decline: declineLatest, cancel: stopLatest }
const decision = fc.constantFrom<FilePolicy['decision']>('ask', 'accept', 'decline')

/** Sizes at which something may differ: nothing, less than a chunk, a chunk, several. */
const contents = [0, 10, CHUNK_BYTES, 3 * CHUNK_BYTES + 5].map(size => randomBytes(size))

/** Carries messages between two sides, in order; the next message waits until the last one is taken. */
function network([one, other]: readonly [Side, Side]) {
  let connection = 0
  let onBreach: (error: unknown) => void = () => {}
  const breach = new Promise<never>((_, reject) => {
    onBreach = reject
  })

  function wire(to: Side): (message: Message) => Promise<void> {
    const present = connection
    let last = Promise.resolve()
    return async ({ type, body }) => {
      const message = { type, body: Uint8Array.from(body) }
      last = last.then(async () => {
        await nextTurn()
        if (present === connection) await to.files.take(message)
      })
      last.catch(onBreach)
    }
  }

  return {
    /** Rejects when one side finds that the other one breaks the rules. */
    breach,
    /** Nothing arrives any more, as after a goodbye. */
    end() {
      connection += 1
    },
    cut() {
      connection += 1
      for (const { files } of [one, other]) files.disconnect()
      one.files.connect(wire(other))
      other.files.connect(wire(one))
    },
  }
}

/** What a person asks for that cannot be done is said to the person. */
function tryTo(act: () => void): void {
  try {
    act()
  } catch (error) {
    rethrowUnless(error)
  }
}

test('whatever two people do, and however their connection breaks, each file ends once on each side', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(decision, decision),
      fc.boolean(),
      fc.constantFrom('settled', 'leave', 'end' as const),
      fc.array(step, { maxLength: 40 }),
      async (decisions, resumable, last, steps) => {
        const sides = [side(decisions[0], { resumable }), side(decisions[1], { resumable })] as const
        const paths = sides.map(({ folder }) =>
          contents.map((content, index) => {
            const path = join(folder, `mine${index}`)
            writeFileSync(path, content)
            return path
          }),
        )
        const { breach, cut, end } = network(sides)
        cut()
        const sends: Promise<unknown>[] = []
        for (const present of steps) {
          if (present.act === 'wait') for (let turn = 0; turn < present.turns; turn++) await nextTurn()
          else if (present.act === 'cut') cut()
          else {
            const { files } = sides[present.who === 0 ? 0 : 1]
            if (present.act === 'send') sends.push(files.offer(paths[present.who]?.[present.file] ?? ''))
            else tryTo(() => acts[present.act](sides[present.who === 0 ? 0 : 1]))
          }
        }
        await Promise.all(sends)
        if (last === 'settled') {
          // A person answers some time, and then everything ends by itself.
          const answers = setInterval(() => {
            for (const side of sides) tryTo(() => acceptLatest(side))
          }, 1)
          await Promise.race([breach, Promise.all(sides.map(({ files }) => files.settled()))])
          clearInterval(answers)
        }
        end()
        await Promise.all(sides.map(({ files }) => (last === 'leave' ? files.leave() : files.end(null))))
        await Promise.race([breach, afterDisk()])
        for (const { told, names } of sides) {
          expectOneEndEach(told.all)
          const partials = names().filter(name => name.endsWith('.partial'))
          expect(partials.length).toBeLessThanOrEqual(resumable ? PARTIALS_KEPT : 0)
          for (const { direction, state, path, size } of told.all) {
            if (direction === 'in' && state === 'done') expect(readFileSync(path ?? '')).toHaveLength(size)
          }
        }
      },
    ),
    { numRuns: 100 },
  )
})
