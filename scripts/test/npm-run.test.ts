import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runBin } from '../../packages/core/test/support/process.ts'
import { temporaryFolder } from '../../packages/dh-chat/test/support/chat-testbed.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Runs the real npm on this checkout. */
async function npm(
  args: readonly string[],
  { cwd = root, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
) {
  const child = spawn('npm', ['--prefix', root, ...args], { cwd, env: { ...process.env, ...env } })
  child.stdin.end()
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: child.exitCode, stdout, stderr }
}

test.each([
  ['run --silent chat-client --to bob', '--to', 'npm run chat-client -- --to bob'],
  ['run --silent basic-chat-client --to=bob --once', '--to and --once', 'npm run basic-chat-client -- --to bob --once'],
  ['run --silent calc-client --port 0', '--port', 'npm run calc-client -- --port 0'],
  ['run --silent chat-lab read x.pcap --keys k', '--keys', 'npm run chat-lab -- read ... --keys <keylog>'],
  ['start --silent --no-color', '--no-color', 'npm run chat-lab -- demo --no-color'],
])('npm %s starts nothing and shows what to type', async (line, kept, meant) => {
  const { code, stdout, stderr } = await npm(line.split(' '))
  expect(stderr).toBe(`error: npm kept ${kept} for itself (usage)\n  ${meant}\n`)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
})

test('a setting of npm with the name of a flag is no flag', async () => {
  const npmrc = join(temporaryFolder(), 'npmrc')
  writeFileSync(npmrc, 'color = false\njson=true\n')
  const { stderr } = await npm(['run', '--silent', 'calc-client', '--', '--port', '1', '1'], {
    env: { npm_config_userconfig: npmrc },
  })
  expect(stderr).toContain('(unreachable)')
})

test('relative paths count from the folder of the person who types npm run', async () => {
  const folder = temporaryFolder()
  copyFileSync(join(root, 'captures/Task1.pcap'), join(folder, 'own.pcap'))
  const { code, stdout, stderr } = await npm(['run', '--silent', 'chat-lab', '--', 'read', 'own.pcap'], {
    cwd: folder,
  })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain('2 + 3')
})

test('a program that is started under npm run stays where it was started, with the flags it was given', async () => {
  const folder = temporaryFolder()
  copyFileSync(join(root, 'captures/Task1.pcap'), join(folder, 'own.pcap'))
  const { code } = await runBin('chat-lab', ['read', 'own.pcap'], {
    cwd: folder,
    env: {
      npm_package_name: 'p2p-secure-chat',
      npm_package_json: join(root, 'package.json'),
      npm_lifecycle_script: 'chat-lab',
      npm_config_keys: 'x',
      INIT_CWD: root,
    },
  })
  expect(code).toBe(0)
})
