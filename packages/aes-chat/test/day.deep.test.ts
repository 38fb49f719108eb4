import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { binPath } from '../../core/test/support/process.ts'
import { haveRead, openScreen, type Screen } from '../../core/test/support/screen/screen.ts'
import type { Chatter } from '../../dh-chat/test/support/chat-testbed.ts'
import { identityFor } from '../../dh-chat/test/support/identity-for.ts'
import { mortalTestbed } from '../../dh-chat/test/support/mortal-testbed.ts'

/** Texts that alice says to each of the three, and each of them to her. */
const TEXTS_OF_ALICE = 30
const TEXTS_OF_OTHERS = 37

const CTRL_C = '\u0003'
const CTRL_U = '\u0015'
const CTRL_Z = '\u001a'
const SHELL = 'shell>'

const count = (to: number) => Array.from({ length: to }, (_, index) => index + 1)
const lastRow = (text: string) => (rows: readonly string[]) => rows.at(-1) === text
const lastRowEnds = (text: string) => (rows: readonly string[]) => rows.at(-1)?.endsWith(text) === true

/** The texts of a peer that are on the screen; those of others than the selected one have a star. */
const textsOf = (screen: Screen, peer: string) =>
  screen.lines().flatMap(row => new RegExp(`^(?:\\* )?${peer}: (text .*)$`).exec(row)?.[1] ?? [])

async function heard(chatter: Chatter, texts: number): Promise<string[]> {
  const all: string[] = []
  while (all.length < texts) {
    const { direction, text } = await chatter.next('message')
    if (direction === 'in') all.push(text)
  }
  return all
}

test('a client goes through a day: job control, a suspended machine, a restarted directory, resizes, a file', async () => {
  const testbed = await mortalTestbed('aes-chat')
  await identityFor(testbed.home, 'alice')
  const cwd = join(testbed.home, 'alice')
  const screen = openScreen({
    command: 'bash',
    args: ['--norc', '-i'],
    cols: 100,
    rows: 50,
    cwd,
    env: { PS1: `${SHELL} ` },
  })
  onTestFinished(() => screen.kill('SIGHUP'))
  const [bob, carol, mallory] = await Promise.all([
    testbed.client('bob'),
    testbed.client('carol'),
    testbed.client('mallory'),
  ])
  const others = { bob, carol, mallory }

  // Brackets around a paste are to be the client's alone.
  screen.type("bind 'set enable-bracketed-paste off'\r")
  screen.type(
    `${process.execPath} ${binPath('chat-client')} --name alice --directory ${testbed.directory} --home ${testbed.home}\r`,
  )
  await screen.until(lastRow('alice>'))
  for (const [name, chatter] of Object.entries(others)) {
    screen.type(`/chat ${name}\r`)
    await chatter.next('open')
    await screen.until(rows => rows.at(-1)?.startsWith(`alice to ${name}`) === true)
  }

  // In the morning everybody talks.
  for (const [name, chatter] of Object.entries(others)) {
    screen.type(`/switch ${name}\r`)
    await screen.until(rows => rows.at(-1)?.startsWith(`alice to ${name}`) === true)
    for (const number of count(TEXTS_OF_ALICE)) screen.type(`text ${number}\r`)
    for (const number of count(TEXTS_OF_OTHERS - 2)) chatter.say(`text ${number}`)
    expect(await heard(chatter, TEXTS_OF_ALICE)).toEqual(count(TEXTS_OF_ALICE).map(number => `text ${number}`))
  }
  await screen.until(() => Object.keys(others).every(name => textsOf(screen, name).length === TEXTS_OF_OTHERS - 2))

  // Suspended by its person, in the middle of a line.
  screen.type('half a line')
  await screen.until(lastRowEnds('> half a line'))
  screen.type(CTRL_Z)
  await screen.until(lastRow(SHELL))
  expect(screen.bracketedPaste()).toBe(false)
  screen.type('jobs -p; stty -a | grep -ow -e icanon -e echo | tr "\\n" " "; echo modes\r')
  await screen.until('icanon echo modes')
  const pid = Number(screen.lines().findLast(row => /^\d+$/.test(row)))
  for (const chatter of Object.values(others)) chatter.say(`text ${TEXTS_OF_OTHERS - 1}`)
  screen.type('fg\r')
  await screen.until(
    rows => lastRowEnds('> half a line')(rows) && textsOf(screen, 'bob').length === TEXTS_OF_OTHERS - 1,
  )
  expect(screen.bracketedPaste()).toBe(true)
  screen.type(' is whole\r')
  expect(await heard(mallory, 1)).toEqual(['half a line is whole'])

  // Suspended with its machine, until the others believe it gone: that is 45 s after its last byte.
  process.kill(pid, 'SIGSTOP')
  await screen.until(lastRow(SHELL))
  await Promise.all(Object.values(others).map(chatter => chatter.next('interrupted')))
  for (const chatter of Object.values(others)) chatter.say(`text ${TEXTS_OF_OTHERS}`)
  screen.type('fg\r')
  await Promise.all(Object.values(others).map(chatter => chatter.next('resumed')))
  await screen.until(() => Object.keys(others).every(name => textsOf(screen, name).length === TEXTS_OF_OTHERS))

  // The directory comes and goes.
  await testbed.kill()
  await Promise.all(Object.values(others).map(chatter => chatter.next('directory')))
  await testbed.restart()
  await Promise.all(Object.values(others).map(chatter => chatter.next('directory')))

  // A window is dragged about while a line stands in it.
  screen.type('a line that stays where it is')
  for (const number of count(30)) screen.resize(60 + ((number * 17) % 60), 50)
  screen.resize(100, 50)
  await screen.until(lastRowEnds('> a line that stays where it is'))
  screen.type(CTRL_C)
  await screen.until(lastRowEnds('>'))

  // Bob sends a file.
  const content = 'the minutes of the day\n'.repeat(10_000)
  writeFileSync(join(testbed.home, 'minutes.txt'), content)
  bob.say('/switch alice')
  bob.say(`/send ${join(testbed.home, 'minutes.txt')}`)
  await screen.until('/accept bob')
  await haveRead()
  screen.type('/accept bob\r')
  for (;;) if ((await bob.next('file')).state === 'done') break
  expect(readFileSync(join(cwd, 'minutes.txt'), 'utf8')).toBe(content)

  for (const name of Object.keys(others)) {
    expect(textsOf(screen, name)).toEqual(count(TEXTS_OF_OTHERS).map(number => `text ${number}`))
  }
  screen.type(`${CTRL_U}/quit\r`)
  await screen.until(lastRow(SHELL))
  screen.type('echo "left with $?"\r')
  await screen.until('left with 0')
})
