import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openPreferences } from '../../basic-p2p/src/commands/preferences.ts'
import type { ChatCommand } from '../../basic-p2p/src/commands/chat-command.ts'
import { scene } from '../../basic-p2p/test/support/scene.ts'
import { identityCommands } from '../src/identity/identity-commands.ts'
import { loadOrCreateIdentity } from '../src/identity/identity-file.ts'
import { knownPeers } from '../src/identity/known-peers.ts'
import { chatLog } from '../src/log/chat-log.ts'
import { logCommand } from '../src/log/log-command.ts'

const name = 'alice'
const home = mkdtempSync(join(tmpdir(), 'command-forms-'))
afterAll(() => rmSync(home, { recursive: true }))
const identity = await loadOrCreateIdentity({ home, name })
const log = chatLog({ folder: join(home, name), keys: identity, encrypted: false, passphraseCommand: 'x' })
const withKeys = [...identityCommands(knownPeers(home, name), identity), logCommand(log, identity, name)]
const preferences = await openPreferences({ files: null, forNow: {}, warn: () => undefined })

/** What comes of a line at the terminal of alice, who talks to bob. */
async function outcome(line: string, commands: readonly ChatCommand[]) {
  const { deeds, errors, context, enter } = scene({ selected: 'bob', open: ['bob'], preferences, commands })
  await enter(line, 'terminal')
  return { deeds, errors, selected: context.selected }
}

/** One way to write each command, and others that must come to the same. */
const ALIKE: readonly (readonly [string, ...string[]])[] = [
  [
    '/NAME',
    ' /NAME',
    '\t/NAME',
    '\u00a0/NAME',
    '\u200b/NAME',
    '\ufeff /NAME',
    '/NAME ',
    '/NAME\t\u00a0 ',
    '/NA\u200bME',
  ],
  ['/NAME zed', '/NAME  zed', '/NAME\tzed', '/NAME\u00a0zed', '  /NAME zed  ', '/NAME ZED', '/NAME z\u202ee\u200dd'],
  ['/NAME z!d'],
  ['/NAME alice', '/NAME ALICE ', ' /NAME\u00a0Alice'],
  ['/NAME zed one two three'],
  [`/NAME ${'x'.repeat(16_000)}`],
]

describeRung('without keys', [])
describeRung('with keys', withKeys)

function describeRung(rung: string, commands: readonly ChatCommand[]): void {
  const all = scene({ commands }).context.commands

  test.each(all.map(command => [command.name, command] as const))(`${rung}: every form of /%s`, async (_, command) => {
    for (const [first, ...others] of ALIKE) {
      const line = first.replace('NAME', command.name)
      const { deeds, errors, selected } = await outcome(line, commands)
      const result = { line, deeds, errors, selected }
      expect(deeds, line).not.toEqual([])
      expect(deeds.join(), line).not.toMatch(/^say|,say|internal/)
      for (const error of errors) expect(error.length, line).toBeLessThan(120)
      // A path has its case and all of its characters.
      for (const other of command.argument === 'path' && first !== '/NAME' ? [] : others) {
        for (const written of [command.name, command.name.toUpperCase()]) {
          const same = other.replace(/NAME|NA\u200bME/, form => (form === 'NAME' ? written : `${written}\u200b`))
          expect({ line, ...(await outcome(same, commands)) }, JSON.stringify(same)).toEqual(result)
        }
      }
    }
  })

  test.each(all.filter(({ argument }) => argument === 'name' || argument === 'message').map(command => command.name))(
    `${rung}: /%s takes the name of somebody else`,
    async command => {
      expect(await outcome(`/${command} Alice hello`, commands)).toEqual({
        deeds: ['self-call'],
        errors: ['alice is your own name'],
        selected: 'bob',
      })
    },
  )

  test.each(all.filter(({ usage }) => usage === '').map(command => command.name))(
    `${rung}: /%s does nothing when more was said than it takes`,
    async command => {
      expect((await outcome(`/${command} now`, commands)).deeds).toEqual(['usage'])
    },
  )
}
