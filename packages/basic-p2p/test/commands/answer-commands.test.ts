import { ChatError, rethrowUnless } from '@p2p-secure-chat/core/errors'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { RingingCall } from '../../src/chat/chat-engine.ts'
import type { CommandContext } from '../../src/commands/chat-command.ts'
import { commonCommands } from '../../src/commands/common-commands.ts'
import type { FileTransfers, OpenFile } from '../../src/files/file-transfers.ts'

const LONG_AGO = -10_000

/** What waits for an answer, or is on its way. */
interface Waiting {
  /** Whether a person sits at a terminal, and what they say to a question; no for a pipe. */
  readonly person?: boolean
  readonly calls?: readonly { readonly peer: string; readonly since?: number }[]
  readonly files?: Readonly<Record<string, readonly Partial<OpenFile>[]>>
  /** When another one went. */
  readonly goneAt?: number
  /** Called with a question, before the person answers. */
  readonly onQuestion?: () => void
}

/** Commands in a client of which only the deeds are real. It is second 0. */
function scene({ person, calls = [], files = {}, goneAt = LONG_AGO, onQuestion = () => {} }: Waiting) {
  vi.useFakeTimers({ toFake: ['performance'], now: 0 })
  onTestFinished(() => void vi.useRealTimers())
  const deeds: string[] = []
  const ringing = calls.map(
    ({ peer, since = LONG_AGO }): RingingCall => ({
      peer,
      since,
      accept: async () => void deeds.push(`accept ${peer}`),
      decline: () => void deeds.push(`decline ${peer}`),
    }),
  )
  const transfersOf = (peer: string) => ({
    open: (files[peer] ?? []).map((file, index) => ({
      direction: 'in' as const,
      id: index + 1,
      name: `${peer}.txt`,
      size: 3,
      waiting: true,
      since: LONG_AGO,
      ...file,
    })),
    accept: (id: number) => void deeds.push(`accept ${peer} ${id}`),
    decline: (id: number) => void deeds.push(`decline ${peer} ${id}`),
    cancel: (direction: string, id: number) => void deeds.push(`cancel ${peer} ${direction} ${id}`),
  })
  const context = {
    engine: { calling: [], ringing, goneAt, exchanging: Object.keys(files), files: transfersOf },
    interactive: person !== undefined,
    async confirm(question: string) {
      deeds.push(question)
      onQuestion()
      return person === true
    },
    presenter: { note: (text: string) => void deeds.push(`(${text})`) },
    selected: null as string | null,
  }
  async function enter(line: string): Promise<string[]> {
    const [, name = '', rest = ''] = /^\/(\w+) ?(.*)$/.exec(line) ?? []
    const command = commonCommands.find(known => known.name === name)
    try {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what these commands use of it is there
      await command?.run(rest, context as unknown as CommandContext)
    } catch (error) {
      rethrowUnless(error)
      deeds.push(`${error.code}: ${error.message}`)
    }
    return deeds.splice(0)
  }
  return { enter, context }
}

const two = { mallory: [{ name: 'holiday.jpg' }, { name: 'holiday.jpg.sh' }] }

test.each([
  ['one call', { calls: [{ peer: 'bob' }] }, '/accept', ['accept bob']],
  ['one call', { calls: [{ peer: 'bob' }] }, '/accept BOB', ['accept bob']],
  ['one file', { files: { bob: [{}] } }, '/accept bob', ['accept bob 1']],
  [
    'one file and a call of somebody else',
    { files: { bob: [{}] }, calls: [{ peer: 'carol' }] },
    '/accept bob',
    ['accept bob 1'],
  ],
  ['two files', { files: two }, '/accept mallory 1', ['accept mallory 1']],
  ['two files', { files: two }, '/accept 2', ['accept mallory 2']],
  ['two files', { files: two }, '/decline mallory 2', ['decline mallory 2']],
  ['a name of digits', { files: two, calls: [{ peer: '7' }] }, '/accept 7', ['accept 7']],
  ['a file that nobody asks about', { files: { bob: [{ waiting: false }, {}] } }, '/accept', ['accept bob 2']],
  [
    'a file of each direction',
    { files: { bob: [{}, { direction: 'out' as const, id: 1 }] } },
    '/cancel bob out',
    ['cancel bob out 1'],
  ],
  [
    'a file of each direction',
    { files: { bob: [{}, { direction: 'out' as const, id: 1 }] } },
    '/cancel bob 1 in',
    ['cancel bob in 1'],
  ],
])('in a pipe, of %s: %j takes what was meant: %s', async (_, waiting, line, deeds) => {
  expect(await scene(waiting).enter(line)).toEqual(deeds)
})

test.each([
  ['two files', { files: two }, '/accept'],
  ['two files', { files: two }, '/decline mallory'],
  ['two files', { files: two }, '/cancel'],
  ['two calls', { calls: [{ peer: 'bob' }, { peer: 'carol' }] }, '/accept'],
  ['a call and a file of one name', { calls: [{ peer: 'bob' }], files: { bob: [{}] } }, '/accept bob'],
  ['a file of that number, and a name of that digit', { files: two, calls: [{ peer: '2' }] }, '/accept 2'],
  ['the same number of two people', { files: { bob: [{}], carol: [{}] } }, '/accept 1'],
  ['a file of each direction', { files: { bob: [{}, { direction: 'out' as const, id: 1 }] } }, '/cancel bob 1'],
])('in a pipe, of %s: %j is ambiguous, and nothing is taken', async (_, waiting, line) => {
  expect(await scene(waiting).enter(line)).toEqual([
    expect.stringMatching(/^ambiguous: 2 are (?:waiting for an answer|under way): /),
  ])
})

test('what is ambiguous names each with its name and its number, and of many the latest', async () => {
  expect(await scene({ files: two, calls: [{ peer: 'bob' }] }).enter('/accept')).toEqual([
    'ambiguous: 3 are waiting for an answer: file 1, holiday.jpg (3 bytes) from mallory; file 2, holiday.jpg.sh (3 bytes) from mallory; the call from bob',
  ])
  const many = await scene({ files: { mallory: Array.from({ length: 20 }, () => ({})) } }).enter('/accept')
  expect(many).toEqual([expect.stringMatching(/: file 13, .*; file 20, [^;]*; and 12 more$/)])
})

test('a person hears what is taken, and is asked where more than one waits', async () => {
  const waiting = { person: true, files: two }
  expect(await scene(waiting).enter('/accept mallory 1')).toEqual([
    '(accepting holiday.jpg (3 bytes) from mallory)',
    'accept mallory 1',
  ])
  expect(await scene(waiting).enter('/accept')).toEqual([
    '(2 are waiting for an answer: file 1, holiday.jpg (3 bytes) from mallory; file 2, holiday.jpg.sh (3 bytes) from mallory)',
    'accept file 2, holiday.jpg.sh (3 bytes) from mallory?',
    '(accepting holiday.jpg.sh (3 bytes) from mallory)',
    'accept mallory 2',
  ])
  const no = await scene({ ...waiting, person: false }).enter('/cancel')
  expect(no.slice(1)).toEqual([
    'stop file 2, holiday.jpg.sh (3 bytes) from mallory?',
    '(nothing was done; /cancel NAME NUMBER picks one)',
  ])
})

test.each([
  ['/accept', { calls: [{ peer: 'bob', since: -999 }] }, 'accept the call from bob, which came just now?'],
  ['/decline', { calls: [{ peer: 'bob', since: -999 }] }, 'decline the call from bob, which came just now?'],
  ['/accept', { files: { bob: [{ since: -999 }] } }, 'accept file 1, bob.txt (3 bytes) from bob, which came just now?'],
  [
    '/accept bob 1',
    { files: { bob: [{ since: -999 }] } },
    'accept file 1, bob.txt (3 bytes) from bob, which came just now?',
  ],
  ['/cancel', { files: { bob: [{ since: -999 }] } }, 'stop file 1, bob.txt (3 bytes) from bob, which came just now?'],
])('a person is asked about what came within the last second: %s', async (line, waiting, question) => {
  expect(await scene({ person: false, ...waiting }).enter(line)).toContain(question)
  const later = await scene({ person: false, calls: [{ peer: 'bob', since: -1_000 }] }).enter('/accept')
  expect(later).toEqual(['(accepting the call from bob)', 'accept bob'])
})

test('a person is asked where another one went within the last second, unless they say a number', async () => {
  const waiting = { person: true, files: { mallory: [{}] }, goneAt: -999 }
  const question = 'accept file 1, mallory.txt (3 bytes) from mallory, although another one has just ended?'
  const digits = await scene({ ...waiting, files: { bob2: [{}] } }).enter('/accept bob2')
  expect(digits[0]).toMatch(/although another one has just ended\?$/)
  for (const line of ['/accept', '/accept mallory']) expect(await scene(waiting).enter(line)).toContain(question)
  for (const line of ['/accept 1', '/accept mallory 1']) {
    expect(await scene(waiting).enter(line)).toEqual([
      '(accepting mallory.txt (3 bytes) from mallory)',
      'accept mallory 1',
    ])
  }
})

test('a yes is about what stood in the question, whatever comes meanwhile', async () => {
  const files: Record<string, Partial<OpenFile>[]> = { mallory: [{ since: -1 }] }
  const { enter } = scene({ person: true, files, onQuestion: () => files['mallory']?.push({}) })
  expect(await enter('/accept')).toContain('accept mallory 1')
})

test('a call that is taken is talked to at once, and not if it was not there any more', async () => {
  const taken = scene({ calls: [{ peer: 'bob' }] })
  await taken.enter('/accept')
  expect(taken.context.selected).toBe('bob')
  const gone = scene({ calls: [{ peer: 'bob' }] })
  gone.context.selected = 'carol'
  Object.assign(gone.context.engine.ringing[0] ?? {}, {
    accept: () => Promise.reject(new ChatError('no-conversation', 'over')),
  })
  expect(await gone.enter('/accept')).toEqual(['no-conversation: over'])
  expect(gone.context.selected).toBe('carol')
})

test.each([
  ['/accept', 'no-conversation'],
  ['/decline carol', 'no-conversation'],
  ['/accept mallory 3', 'no-file'],
  ['/decline 3', 'no-file'],
  ['/accept 0x2', 'no-conversation'],
  ['/cancel carol', 'no-file'],
  ['/cancel mallory 3', 'no-file'],
  ['/accept m!', 'bad-name'],
  ['/accept mallory x', 'usage'],
  ['/accept mallory 1 2', 'usage'],
  ['/accept mallory 1 in', 'usage'],
])('%s where nothing fits: %s', async (line, code) => {
  const files = line === '/accept' ? {} : two
  expect(await scene({ files }).enter(line)).toEqual([expect.stringMatching(new RegExp(`^${code}: `))])
})

test('a file of ours that waits for its turn is shown with its number', async () => {
  const { enter, context } = scene({ person: true, files: { bob: [] } })
  context.selected = 'bob'
  const transfers: Pick<FileTransfers, 'offer'> = { offer: async () => ({ id: 6, before: 1 }) }
  context.engine.files = () => ({ ...transfers, open: [], accept: vi.fn(), decline: vi.fn(), cancel: vi.fn() })
  expect(await enter('/send photo.jpg')).toEqual([
    '(photo.jpg waits for its turn as file 6, behind 1 more: 4 files go at once)',
  ])
})
