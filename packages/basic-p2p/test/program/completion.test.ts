import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { runBin } from '../../../core/test/support/process.ts'
import { hasTool } from '../../../core/test/support/tools.ts'

const CLIENTS = ['basic-chat-client', 'dh-chat-client', 'aes-chat-client'] as const

type Shell = 'bash' | 'zsh' | 'fish'

/** A folder that is gone after the test. */
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'completion-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

async function scriptOf(client: string, shell: Shell): Promise<string> {
  const { code, stdout, stderr } = await runBin(client, ['completion', shell])
  expect([code, stderr]).toEqual([0, ''])
  return stdout
}

/** What bash offers after those words of a command line, the last of which is not complete. */
function offered(script: string, words: readonly string[], cwd = tmpdir()): string[] {
  const quoted = words.map(word => `'${word}'`).join(' ')
  const program = `${script}
COMP_WORDS=(${quoted}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); COMPREPLY=()
"$(complete -p "\${COMP_WORDS[0]}" | sed 's/.*-F \\([^ ]*\\) .*/\\1/')"
for reply in "\${COMPREPLY[@]}"; do printf '%s\\n' "$reply"; done`
  const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-c', program], { cwd, encoding: 'utf8' })
  // compopt works in a real completion only, and says so in a test.
  expect([status, stderr]).toEqual([0, ''])
  return stdout.split('\n').slice(0, -1)
}

describe.skipIf(!hasTool('bash'))('in bash', () => {
  test.each(CLIENTS)('%s completes every flag that its help names, and its commands', async client => {
    const script = await scriptOf(client, 'bash')
    expect(spawnSync('bash', ['-n'], { input: script }).status).toBe(0)
    const { stdout: help } = await runBin(client, ['--help'])
    const flags = [...help.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag = '']) => flag)
    const commands = [...help.matchAll(/^ {2}([a-z]+) /gm)].map(([, command = '']) => command)
    expect(flags).toContain('--accept')
    expect(commands).toContain('completion')
    expect(offered(script, [client, '']).toSorted()).toEqual([...flags, ...commands].toSorted())
    expect(offered(script, [client, '--jso'])).toEqual(['--json'])
    expect(offered(script, [client, 'compl'])).toEqual(['completion'])
  })

  test('the values of flags are those of the rung', async () => {
    const basic = await scriptOf('basic-chat-client', 'bash')
    expect(offered(basic, ['basic-chat-client', '--accept', ''])).toEqual(['ask', 'all', 'none'])
    expect(basic).not.toContain('--group')
    const aes = await scriptOf('chat-client', 'bash')
    expect(offered(aes, ['chat-client', '--accept', ''])).toEqual(['ask', 'known', 'all', 'none'])
    expect(offered(aes, ['chat-client', '--accept', '=', 'k'])).toEqual(['known'])
    expect(offered(aes, ['chat-client', '--group', 'ffdhe3'])).toEqual(['ffdhe3072'])
    expect(offered(aes, ['chat-client', '--name', ''])).toEqual([])
    expect(offered(aes, ['chat-client', 'completion', ''])).toEqual(['bash', 'zsh', 'fish', '--help'])
  })

  test('files and folders are offered where they fit, with blanks in their names', async () => {
    const script = await scriptOf('chat-client', 'bash')
    const cwd = folder()
    writeFileSync(join(cwd, 'my group.pem'), '')
    mkdirSync(join(cwd, 'my home'))
    expect(offered(script, ['chat-client', '--group', 'my'], cwd).toSorted()).toEqual(['my group.pem', 'my home'])
    expect(offered(script, ['chat-client', '--passphrase-file', 'my g'], cwd)).toEqual(['my group.pem'])
    expect(offered(script, ['chat-client', '--home', 'm'], cwd)).toEqual(['my home'])
  })

  test('the commands of a command, their flags and their files are completed', async () => {
    const script = await scriptOf('chat-client', 'bash')
    const identity = (...words: readonly string[]) => offered(script, ['chat-client', 'identity', ...words], cwd)
    const cwd = folder()
    writeFileSync(join(cwd, 'my key.pem'), '')
    expect(identity('')).toEqual(['list', 'show', 'export', 'import', 'passphrase', '--help'])
    expect(identity('pa')).toEqual(['passphrase'])
    expect(identity('show', '')).toEqual(['--name', '--home', '--passphrase-file', '--json', '--help'])
    expect(identity('export', '--o')).toEqual(['--out'])
    expect(identity('export', '--out', 'my')).toEqual(['my key.pem'])
    expect(identity('import', 'my')).toEqual(['my key.pem'])
    expect(identity('import', '--new')).toEqual(['--new-passphrase-file'])
    expect(identity('passphrase', '--new-passphrase-file', 'm')).toEqual(['my key.pem'])
    expect(identity('passphrase', '--accept')).toEqual([])
    expect(await scriptOf('basic-chat-client', 'bash')).not.toContain('identity')
  })

  test('both names of the same command are completed', async () => {
    const script = await scriptOf('aes-chat-client', 'bash')
    expect(offered(script, ['aes-chat-client', '--accept', 'n'])).toEqual(['none'])
    expect(offered(script, ['chat-client', '--accept', 'n'])).toEqual(['none'])
  })
})

test.skipIf(!hasTool('zsh'))('zsh takes the script', async () => {
  await expectSyntax('zsh', '-n')
})

test.skipIf(!hasTool('fish'))('fish takes the script', async () => {
  await expectSyntax('fish', '--no-execute')
})

/** The lines that a shell prints. */
function printed(shell: Shell, args: readonly string[], cwd = tmpdir()): string[] {
  return spawnSync(shell, args, { cwd, encoding: 'utf8' }).stdout.split('\n').slice(0, -1)
}

test.skipIf(!hasTool('fish'))('fish offers the commands of a command, their flags and their files', async () => {
  const cwd = folder()
  writeFileSync(join(cwd, 'my-key.pem'), '')
  writeFileSync(join(cwd, 'script'), await scriptOf('chat-client', 'fish'))
  const offers = (words: string) =>
    printed('fish', ['-c', `source script; complete -C 'chat-client ${words}'`], cwd).map(line => line.split('\t')[0])
  expect(offers('identity ')).toEqual(['export', 'import', 'list', 'passphrase', 'show'])
  expect(offers('identity show --')).toEqual(['--help', '--home', '--json', '--name', '--passphrase-file'])
  expect(offers('identity import my')).toEqual(['my-key.pem'])
  expect(offers('identity export --o')).toEqual(['--out'])
  expect(offers('completion ')).toEqual(['bash', 'fish', 'zsh'])
  expect(offers('--adv')).toEqual(['--advertise'])
})

test.skipIf(!hasTool('zsh'))('zsh offers the commands of a command, their flags and their files', async () => {
  const script = await scriptOf('chat-client', 'zsh')
  // In place of zsh's own functions, which work at a prompt only: this shows what is to be offered.
  const stage = `compdef() {}; _arguments() { print -rl -- "$@" }; ${script}`
  const offers = (...words: readonly string[]) => {
    const line = words.map(word => `'${word}'`).join(' ')
    return printed('zsh', ['-f', '-c', `${stage}; words=(chat-client ${line}); CURRENT=$#words; _chat_client`])
  }
  expect(offers('identity', '')).toContain('2:what:(list show export import passphrase)')
  expect(offers('identity', 'import', '')).toContain('3:what:_files')
  const flags = offers('identity', 'show', '').flatMap(line => /^--[\w-]+/.exec(line) ?? [])
  expect(flags).toEqual(['--name', '--home', '--passphrase-file', '--json', '--help'])
  expect(offers('completion', '')).toContain('2:what:(bash zsh fish)')
  expect(offers('--acc').join(' ')).toContain('--accept[')
})

/** @param check the flag by which that shell reads a script and runs nothing */
async function expectSyntax(shell: Shell, check: string): Promise<void> {
  for (const client of CLIENTS) {
    const file = join(folder(), 'script')
    writeFileSync(file, await scriptOf(client, shell))
    const { status, stderr } = spawnSync(shell, [check, file], { encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
  }
}

test.each([
  ['zsh', /^ +'--accept\[.*\]:value:\(ask known all none\)' \\$/m],
  ['fish', /^complete -c aes-chat-client .*-l accept .* -a 'ask known all none'$/m],
] as const)('the script for %s has the flags and their values', async (shell, accept) => {
  expect(await scriptOf('chat-client', shell)).toMatch(accept)
})

test('another shell, none, or more than one word is wrong usage', async () => {
  for (const args of [['completion'], ['completion', 'tcsh'], ['completion', 'bash', 'extra']]) {
    expect((await runBin('chat-client', args)).code).toBe(2)
  }
})
