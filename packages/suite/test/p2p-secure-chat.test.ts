import { expect, test } from 'vitest'
import { VERSION } from '@p2p-secure-chat/core/installation'
import { runBin } from '../../core/test/support/process.ts'
import { EVERY_COMMAND } from '../src/every-command.ts'

const ended = (...args: readonly string[]) => runBin('p2p-secure-chat', args)

test('its help names every program, and each of them has a help of its own behind its word', async () => {
  const { stdout, code } = await ended('--help')
  expect(code).toBe(0)
  for (const { word } of EVERY_COMMAND) expect(stdout).toContain(`\n  ${word} `)
  for (const { word, program } of EVERY_COMMAND) {
    expect((await ended(word, '--help')).stdout).toMatch(new RegExp(`^Usage: ${program} `))
  }
  expect((await ended('help', 'client')).stdout).toMatch(/^Usage: chat-client /)
})

test('everything behind the word goes to that program, and so does its exit code', async () => {
  expect(await ended('calc-client', '--port', '1', '--json', '1 + 1')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('"code":"unreachable"'),
  })
  expect(await ended('client', '--to', 'bob')).toMatchObject({ code: 2, stderr: expect.stringContaining('--name') })
  expect((await ended('--version')).stdout).toBe(`${VERSION}\n`)
})

test('a program may be named by its own name as well', async () => {
  expect((await ended('aes-chat-client', '--version')).stdout).toBe(`${VERSION}\n`)
})

test('its hints name other programs by their words', async () => {
  expect((await ended('calc-client', '--port', '1', '1')).stderr).toContain(
    'npx --no-install p2p-secure-chat calc-server;',
  )
  expect((await ended('lab', 'exercise', 'start', 'x')).stderr).toContain('p2p-secure-chat lab exercise list shows all')
})

test.each([
  [['clinet'], 'there is no command clinet; did you mean client?'],
  [['--nothing'], "unknown option '--nothing'"],
  [[], 'a command is missing'],
])('%j is wrong usage', async (args, text) => {
  expect(await ended(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining(text) })
})
