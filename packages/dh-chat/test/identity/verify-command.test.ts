import type { PeerSecurity } from '@p2p-secure-chat/core/wire/upgrade'
import { expect, test } from 'vitest'
import { compareWith } from '../../src/identity/verify-command.ts'

const NUMBER = Array.from({ length: 12 }, (_, i) => String(10_000 + i)).join(' ')

/** A conversation with bob; `marked` has the safety numbers that were marked as compared. */
function conversation(marked: string[], safetyNumber = NUMBER): PeerSecurity {
  let identity: PeerSecurity['identity'] = 'new'
  return {
    protocol: 'peer-aes/1',
    peer: 'bob',
    confidential: true,
    integrity: true,
    get identity() {
      return identity
    },
    fingerprint: 'f'.repeat(43),
    safetyNumber,
    precedes: true,
    notices: [],
    remember: () => Promise.resolve(),
    opened: () => Promise.resolve(),
    async verify() {
      marked.push(safetyNumber)
      identity = 'verified'
    },
  }
}

/** A person who answers the question, and what may happen while it stands there. */
function scene(
  answer: boolean,
  meanwhile: (marked: string[]) => PeerSecurity | null | undefined = () => undefined,
  interactive = true,
) {
  const marked: string[] = []
  const said: string[] = []
  let present: PeerSecurity | null = conversation(marked)
  const questions: string[] = []
  const context = {
    engine: { open: [], calling: ['carol'], security: (peer: string) => (peer === 'bob' ? present : null) },
    presenter: { note: (text: string) => void said.push(text), verbatim: (text: string) => void said.push(text) },
    interactive,
    async confirm(question: string) {
      questions.push(question)
      const next = meanwhile(marked)
      if (next !== undefined) present = next
      return answer
    },
  }
  const run = (peer = 'bob') => compareWith(peer, context)
  return { marked, said, questions, run }
}

test('the number stands there in three rows of four groups, and a yes marks it', async () => {
  const { marked, said, questions, run } = scene(true)
  await run()
  const rows = said[0]?.split('\n').filter(row => /\d{5}/.test(row))
  expect(rows?.map(row => row.trim())).toEqual([
    '10000  10001  10002  10003',
    '10004  10005  10006  10007',
    '10008  10009  10010  10011',
  ])
  expect(marked).toEqual([NUMBER])
  expect(said.at(-1)).toBe('the key of bob was new and is verified now; any other key in that name is refused')

  await run()
  expect(questions, 'who is verified is not asked about again').toHaveLength(1)
})

test('any other answer marks nothing', async () => {
  const { marked, said, run } = scene(false)
  await run()
  expect([marked, said.at(-1)]).toEqual([[], 'nothing has changed: the key of bob is not verified'])
})

test.each<[string, (marked: string[]) => PeerSecurity | null]>([
  ['ended', () => null],
  ['was replaced by one with another key', marked => conversation(marked, NUMBER.replaceAll('1', '2'))],
  ['was replaced by one that shows the same number', marked => conversation(marked)],
])('nothing is marked when the conversation %s before the yes', async (_, meanwhile) => {
  const { marked, said, run } = scene(true, meanwhile)
  await run()
  expect([marked, said.at(-1)]).toEqual([[], expect.stringContaining('the conversation with bob has ended')])
})

test('without a person there is nobody to say yes', async () => {
  const { marked, said, questions, run } = scene(true, undefined, false)
  await run()
  expect([marked, questions, said.length]).toEqual([[], [], 2])
})

test('without a conversation there is nothing to compare', async () => {
  const { run } = scene(true)
  await expect(run('carol')).rejects.toMatchObject({ code: 'no-conversation' })
})
