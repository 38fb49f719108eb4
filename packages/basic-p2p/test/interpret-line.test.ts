import { ChatError } from '@p2p-secure-chat/core/errors'
import { expect, test } from 'vitest'
import type { ChatEngine } from '../src/chat/chat-engine.ts'
import { blockedForNow } from '../src/chat/blocked-peers.ts'
import { blockCommands } from '../src/commands/block-commands.ts'
import type { CommandContext } from '../src/commands/chat-command.ts'
import { commonCommands } from '../src/commands/common-commands.ts'
import { carriesText, interpretLine, type Manner } from '../src/commands/interpret-line.ts'

interface Options {
  readonly selected?: string | null
  readonly open?: readonly string[]
  readonly ringing?: readonly string[]
  /** Who takes a call. */
  readonly answering?: readonly string[]
  readonly expectKey?: CommandContext['expectKey']
}

/** A client of which only the deeds are real. */
function scene({ selected = null, open = [], ringing = [], answering = [], expectKey = null }: Options = {}) {
  const deeds: string[] = []
  const done = (deed: string) => {
    deeds.push(deed)
    return Promise.resolve()
  }
  const engine: ChatEngine = {
    open,
    ringing: ringing.map(peer => ({
      peer,
      since: Number.NEGATIVE_INFINITY,
      accept: () => done(`accept ${peer}`),
      decline: () => void done(`decline ${peer}`),
    })),
    undelivered: 0,
    files: () => null,
    exchanging: [],
    goneAt: Number.NEGATIVE_INFINITY,
    isInterrupted: () => false,
    learnt: () => null,
    async call(peer) {
      await done(`call ${peer}`)
      return answering.includes(peer)
    },
    async block(peer) {
      await done(`block ${peer}`)
      return peer === 'mallory' ? 'key' : null
    },
    say: (peer, text) => done(`say ${peer} ${JSON.stringify(text)}`),
    settled: () => Promise.resolve(),
    leave: peer => done(`leave ${peer}`),
    leaveAll: () => done('leave all'),
    abandon: () => undefined,
    take: () => undefined,
  }
  const context: CommandContext = {
    engine,
    directory: {
      open: false,
      host: '127.0.0.1',
      register: () => Promise.resolve(),
      async who(prefix, after = '') {
        await done(`who ${prefix}|${after}`)
        return { users: [], next: null }
      },
      lookup: () => Promise.reject(new ChatError('unknown-user', 'nobody')),
      watch: () => Promise.resolve(),
      leave: () => Promise.resolve(),
    },
    directoryAddress: { host: '127.0.0.1', port: 10_001 },
    expectKey,
    blocked: blockedForNow(),
    preferences: null,
    presenter: {
      show: event => done(`show ${event.event}`),
      note: text => void done(`note ${text}`),
      verbatim: text => void done(`verbatim ${text}`),
      picture: () => void done('picture'),
    },
    interactive: false,
    selected,
    commands: [...commonCommands, ...blockCommands],
    confirm: () => Promise.resolve(false),
    quit: () => void done('quit'),
  }
  const enter = (line: string, manner: Manner = 'pipe') =>
    interpretLine(line, context, manner).catch((error: unknown) => {
      if (!(error instanceof ChatError)) throw error
      deeds.push(error.code)
    })
  return { deeds, context, enter }
}

test.each([
  ['hello', 'say bob "hello"'],
  ['', 'say bob ""'],
  ['  blanks  ', 'say bob "  blanks  "'],
  ['//x', 'say bob "/x"'],
  ['///', 'say bob "//"'],
  [' /quit', 'say bob " /quit"'],
  ['two\nlines', 'say bob "two\\nlines"'],
  ['EXIT', 'say bob "EXIT"'],
])('from a pipe %j is a text', async (line, deed) => {
  const { deeds, enter } = scene({ selected: 'bob' })
  await enter(line)
  expect(deeds).toEqual([deed])
})

test.each(['hello', '', '//x'])('%j without anybody to go to', async line => {
  const { deeds, enter } = scene()
  await enter(line)
  expect(deeds).toEqual(['no-conversation'])
})

test.each(['/nonsense', '/', '/ who', '/CHAT bob', '/json {"text":"x"}'])('%j is no command in a pipe', async line => {
  const { deeds, enter } = scene({ selected: 'bob' })
  await enter(line)
  expect(deeds).toEqual(['unknown-command'])
})

test.each([
  ['Get Users', ['who |', 'show users']],
  [' EOM ', ['leave bob']],
  ['EXIT', ['quit']],
  ['exit', ['say bob "exit"']],
  ['', []],
  ['   ', []],
])('at a terminal %j means what it did in the original, and blanks mean nothing', async (line, expected) => {
  const { deeds, enter } = scene({ selected: 'bob' })
  await enter(line, 'terminal')
  expect(deeds).toEqual(expected)
})

test.each([
  ['{"to":"BOB","text":"a\\nb"}', ['call bob', 'say bob "a\\nb"']],
  ['{"text":"to the selected"}', ['say carol "to the selected"']],
  ['{"to":"bob"}', ['bad-input']],
  ['{"to":7,"text":"x"}', ['bad-input']],
  ['{"to":"b b","text":"x"}', ['bad-name']],
  ['{', ['bad-input']],
  ['', ['bad-input']],
  ['{"to":"mallory","text":"x"}', ['call mallory', 'undelivered']],
])('/json %s', async (argument, expected) => {
  const { deeds, enter } = scene({ selected: 'carol', answering: ['bob'] })
  await enter(`/json ${argument}`, 'json')
  expect(deeds).toEqual(expected)
})

test('/chat selects at once: what is typed until the answer comes is for the one who was called', async () => {
  const { context, enter } = scene({ selected: 'carol', answering: ['bob'] })
  await enter('/chat mallory')
  expect(context.selected).toBe('mallory')
  await enter('/chat  BOB ')
  expect(context.selected).toBe('bob')
})

test('/msg keeps the text as it is, and whom one talks to', async () => {
  const { deeds, context, enter } = scene({ selected: 'carol', answering: ['bob'] })
  await enter('/msg bob  two  blanks ')
  expect(deeds).toEqual(['call bob', 'say bob " two  blanks "'])
  expect(context.selected).toBe('carol')
})

test('/switch goes only where a conversation is open', async () => {
  const { deeds, context, enter } = scene({ open: ['bob'] })
  await enter('/switch bob')
  expect(context.selected).toBe('bob')
  await enter('/switch carol')
  await enter('/switch')
  expect(deeds).toEqual(['no-conversation', 'usage'])
  expect(context.selected).toBe('bob')
})

test.each([
  ['/who', 'who |'],
  ['/who AL', 'who al|'],
  ['/who al alice', 'who al|alice'],
  ['/who * alice', 'who |alice'],
])('%s', async (line, deed) => {
  const { deeds, enter } = scene()
  await enter(line)
  expect(deeds).toEqual([deed, 'show users'])
})

test('/help names every command in lines that fit a terminal, or explains one', async () => {
  const { deeds, context, enter } = scene()
  await enter('/help')
  for (const { name } of context.commands) expect(deeds[0]).toMatch(new RegExp(`^ {2}/${name}\\b`, 'm'))
  for (const group of ['note talking:', 'this program:']) expect(deeds[0]?.split('\n')).toContain(group)
  expect(Math.max(...(deeds[0]?.slice('note '.length).split('\n') ?? []).map(line => line.length))).toBeLessThan(80)
  for (const { name, usage, example } of context.commands) {
    await enter(`/help /${name}`)
    const [first, ...rest] = deeds.at(-1)?.split('\n') ?? []
    expect(first).toBe(`note usage: /${name} ${usage}`.trimEnd())
    expect(rest.at(-1)).toBe(`example: ${example}`)
    expect(rest.slice(0, -1).join(' ')).toMatch(/\S\.$/)
    for (const line of rest) expect(line.length).toBeLessThan(80)
  }
  await enter('/help nonsense')
  expect(deeds.at(-1)).toBe('unknown-command')
})

test.each([
  ['/caht bob', 'there is no /caht; did you mean /chat?'],
  ['/QUIT', 'there is no /QUIT; did you mean /quit?'],
  ['/help hlep', 'there is no /hlep; did you mean /help?'],
  ['/nonsense', 'there is no /nonsense'],
  ['/x', 'there is no /x'],
])('%s: %s', async (line, message) => {
  await expect(interpretLine(line, scene().context, 'terminal')).rejects.toMatchObject({
    code: 'unknown-command',
    message,
  })
})

test('/block blocks somebody, and alone lists whom; /unblock takes them off', async () => {
  const { deeds, context, enter } = scene()
  await enter('/block MALLORY')
  await enter('/block carol')
  await enter('/block')
  expect(deeds.splice(0)).toEqual([
    'block mallory',
    'note mallory is blocked, and their key under every other name',
    'block carol',
    'note carol is blocked',
    'show blocked',
  ])
  await context.blocked.block('mallory', null)
  await enter('/unblock MALLORY')
  await enter('/unblock mallory')
  await enter('/unblock')
  expect(deeds).toEqual(['note mallory is not blocked any more', 'unknown-user', 'usage'])
})

test('/leave and /quit', async () => {
  const { deeds, enter } = scene({ selected: 'bob' })
  await enter('/leave')
  await enter('/quit')
  expect(deeds).toEqual(['leave bob', 'quit'])
  const nobody = scene()
  await nobody.enter('/leave')
  expect(nobody.deeds).toEqual(['no-conversation'])
})

test.each([
  ['hello', true],
  ['', true],
  ['//x', true],
  ['/msg bob hello', true],
  ['/json {}', true],
  ['/send photo.jpg', true],
  ['/chat bob', false],
  ['/who', false],
  ['/messages bob', false],
])('%j carries a text: %s', (line, expected) => {
  expect(carriesText(line)).toBe(expected)
})
