import { expect, test } from 'vitest'
import { interpretLine } from '../../src/commands/interpret-line.ts'
import { hangUp } from '../../src/commands/conversation-commands.ts'
import { carriesText } from '../../src/commands/parse-line.ts'
import { scene } from '../support/scene.ts'

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

test.each(['/nonsense', '/', '/ who', '/json {"text":"x"}'])('%j is no command in a pipe', async line => {
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
  const { deeds, enter } = scene({ selected: 'bob', open: ['bob'] })
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
  await enter('/msg b\u200bob  two  b\u200blanks ')
  expect(deeds).toEqual(['call bob', 'say bob " two  b\u200blanks "'])
  expect(context.selected).toBe('carol')
})

test('/switch goes only where a conversation is open', async () => {
  const { deeds, context, enter } = scene({ open: ['bob'] })
  await enter('/switch bob')
  expect(context.selected).toBe('bob')
  await enter('/switch carol')
  expect(deeds).toEqual(['no-conversation'])
  expect(context.selected).toBe('bob')
})

test.each([
  [[], null, null, 'no conversation is open'],
  [['bob'], 'bob', 'bob', 'no other conversation is open'],
  [['bob'], null, 'bob', 'note you are talking to bob now'],
  [['bob', 'carol'], 'bob', 'carol', 'note you are talking to carol now'],
  [['bob', 'carol', 'dave'], 'carol', 'carol', 'several conversations are open: bob, dave'],
])('/switch alone, with %j open and %s selected, ends at %s', async (open, selected, after, said) => {
  const { deeds, errors, context, enter } = scene({ open, selected })
  await enter('/switch')
  expect(context.selected).toBe(after)
  expect([...deeds, ...errors]).toContain(said)
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
  for (const group of ['answer talking:', 'this program:']) expect(deeds[0]?.split('\n')).toContain(group)
  expect(Math.max(...(deeds[0]?.slice('answer '.length).split('\n') ?? []).map(line => line.length))).toBeLessThan(80)
  for (const { name, usage, example } of context.commands) {
    await enter(`/help /${name}`)
    const [first, ...rest] = deeds.at(-1)?.split('\n') ?? []
    expect(first).toBe(`answer usage: /${name} ${usage}`.trimEnd())
    expect(rest.at(-1)).toBe(`example: ${example}`)
    expect(rest.slice(0, -1).join(' ')).toMatch(/\S\.$/)
    for (const line of rest) expect(line.length).toBeLessThan(80)
  }
  await enter('/help nonsense')
  expect(deeds.at(-1)).toBe('unknown-command')
})

test.each([
  ['/caht bob', 'there is no /caht; did you mean /chat?'],
  ['/QIUT', 'there is no /qiut; did you mean /quit?'],
  ['/verify', 'there is no /verify here: nobody in this chat has a key'],
  [`/${'x'.repeat(100)}`, `there is no /${'x'.repeat(40)}...`],
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
    'note mallory is blocked, and so is anyone else with the same key',
    'block carol',
    'note carol is blocked',
    'show blocked',
  ])
  await context.blocked.block('mallory', null)
  await enter('/unblock MALLORY')
  await enter('/unblock mallory')
  await enter('/unblock')
  expect(deeds).toEqual(['note mallory is no longer blocked', 'unknown-user', 'usage'])
})

test('/leave ends the conversation in the prompt or the one named, /quit ends everything', async () => {
  const { deeds, enter } = scene({ selected: 'bob', open: ['bob', 'carol'] })
  await enter('/leave')
  await enter('/leave CAROL')
  await enter('/leave dave')
  await enter('/quit')
  expect(deeds).toEqual(['leave bob', 'leave carol', 'no-conversation', 'quit'])
  const nobody = scene({ open: ['bob'] })
  await nobody.enter('/leave')
  expect(nobody.errors).toEqual(['no conversation is selected'])
})

test.each([
  ['the one in the prompt', { selected: 'bob', calling: ['carol', 'bob'] }, '/leave', 'leave bob'],
  ['the one who is named', { selected: 'bob', open: ['bob'], calling: ['carol'] }, '/leave Carol', 'leave carol'],
  ['the only one, where the prompt has nobody', { open: ['bob'], calling: ['carol'] }, '/leave', 'leave carol'],
  [
    'an open conversation that is in the prompt',
    { selected: 'bob', open: ['bob'], calling: ['carol'] },
    '/leave',
    'leave bob',
  ],
  ['none of several', { calling: ['bob', 'carol'] }, '/leave', 'ambiguous'],
  ['none who is not called', { calling: ['bob'] }, '/leave dave', 'no-conversation'],
])('/leave hangs up on %s', async (_, present, line, deed) => {
  const { deeds, errors, enter } = scene(present)
  await enter(line)
  expect(deeds).toEqual([deed])
  if (deed === 'ambiguous') expect(errors).toEqual(['2 are under way: the call to bob; the call to carol'])
})

test('a person who calls several and wants to hang up on none of them reads how to name one', async () => {
  const { deeds, context } = scene({ calling: ['bob', 'carol'] })
  await interpretLine('/leave', { ...context, interactive: true }, 'terminal')
  expect(deeds).toEqual([
    'note 2 are under way: the call to bob; the call to carol',
    'note nothing was done; /leave NAME picks one',
  ])
})

test.each([
  ['/send tea.txt', 'bob'],
  ['/switch bob', 'bob'],
  ['/switch bob', 'carol'],
  ['hello', null],
  ['/send tea.txt', null],
])('%s while bob is called, with %s selected: it is too early, and no other call is needed', async (line, selected) => {
  const { errors, enter } = scene({ selected, calling: ['bob'] })
  await enter(line)
  expect(errors).toEqual(['bob has not answered yet'])
})

test.each([
  ['the one who is called and in the prompt', { selected: 'bob', calling: ['bob', 'carol'] }, ['leave bob']],
  ['the latest, where the prompt has nobody', { calling: ['bob', 'carol'] }, ['leave carol']],
  ['nobody, where the prompt has an open conversation', { selected: 'bob', open: ['bob'], calling: ['carol'] }, []],
  ['nobody, where nobody is called', { open: ['bob'] }, []],
])('Ctrl-C hangs up on %s', (_, present, expected) => {
  const { deeds, context } = scene(present)
  expect([hangUp(context), deeds]).toEqual([expected.length > 0, expected])
})

test.each([
  ['hello', true],
  ['', true],
  ['//x', true],
  ['/msg bob hello', true],
  ['/json {}', true],
  ['/SEND photo.jpg', true],
  [' /who', true],
  ['/chat bob', false],
  ['/who', false],
  ['/messages bob', false],
])('%j carries a text: %s', (line, expected) => {
  expect(carriesText(line, 'pipe')).toBe(expected)
})
