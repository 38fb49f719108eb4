import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { hasTool } from '../../core/test/support/tools.ts'
import { commandTables } from '../src/command-tables.ts'
import { completionScripts } from '../src/completion.ts'
import { EVERY_COMMAND } from '../src/every-command.ts'
import { manualPage } from '../src/manual-page.ts'
import { umbrellaCommand } from '../src/umbrella-command.ts'

const FRAME = { date: '2026-01-02', version: '1.2.3', seeAlso: ['chat-server', 'chat-lab'] }

test('docs/commands.md is what the programs say of themselves', async () => {
  const page = readFileSync(new URL('../../../docs/commands.md', import.meta.url), 'utf8')
  expect(page.slice(page.indexOf('\n## ') + 1), 'npm run command-tables').toBe(await commandTables())
})

test('a manual page has the flags, defaults, commands and limits of the help', async () => {
  const [{ load } = { load: umbrellaCommand }] = EVERY_COMMAND
  const page = manualPage(await load(), FRAME)
  expect(page).toMatch(/^\.TH "CHAT\\-CLIENT" 1 "2026\\-01\\-02" "p2p\\-secure\\-chat 1\.2\.3" "User Commands"\n/)
  expect(page).toContain(
    '\\fB\\-\\-directory\\fR <host:port>\nthe chat server to register with (default: 127.0.0.1:10001)',
  )
  expect(page).toContain('.SS "identity"')
  expect(page).toContain('.SS "passphrase"')
  expect(page).toContain('16 KiB per text')
  expect(page).toContain('\\fBchat\\-server\\fR(1), \\fBchat\\-lab\\fR(1)')
})

test.skipIf(!hasTool('groff'))('groff sets all pages without a warning', async () => {
  const pages = [await umbrellaCommand(), ...(await Promise.all(EVERY_COMMAND.map(({ load }) => load())))]
  for (const page of pages.map(command => manualPage(command, FRAME))) {
    const { stdout, stderr } = spawnSync('groff', ['-ww', '-Kutf8', '-man', '-Tutf8', '-P-cbu'], {
      input: page,
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    expect(stdout).toContain('EXIT STATUS')
  }
})

test('what looks like a request of roff is text', async () => {
  const command = (await umbrellaCommand()).description(".so /etc/passwd\\n'x")
  expect(manualPage(command, FRAME)).not.toMatch(/^(?:\.so|')/m)
})

test.skipIf(!hasTool('bash'))('bash completes every program, and behind its word as well', async () => {
  const scripts = await completionScripts('bash')
  expect([...scripts.keys()].sort()).toEqual(
    ['p2p-secure-chat', ...EVERY_COMMAND.map(({ program }) => program)].toSorted(),
  )
  const offered = (...words: readonly string[]) => {
    const [program = ''] = words
    const complete = `COMP_WORDS=(${words.map(word => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}`
    const script = `${scripts.get(program)}\n${complete}; _${program.replaceAll('-', '_')}; printf '%s\\n' "\${COMPREPLY[@]}"`
    return execFileSync('bash', ['-c', script]).toString().trim().split('\n')
  }
  expect(offered('chat-lab', 'at')).toEqual(['attack'])
  expect(offered('p2p-secure-chat', 'cl')).toEqual(['client'])
  expect(offered('p2p-secure-chat', 'client', '--acc')).toEqual(['--accept', '--accept-files'])
  expect(offered('p2p-secure-chat', 'client', 'identity', 'li')).toEqual(['list'])
  expect(offered('calc-server', '--po')).toEqual(['--port'])
})
