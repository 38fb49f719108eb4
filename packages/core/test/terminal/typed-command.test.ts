import { expect, test } from 'vitest'
import { typedCommand } from '../../src/terminal/typed-command.ts'

const npm = (script: string, name = 'p2p-secure-chat') => ({ npm_package_name: name, npm_lifecycle_script: script })

test('in a checkout, a command is typed with npx', () => {
  expect(typedCommand('chat-client', '--to NAME', {})).toBe('npx --no-install chat-client --to NAME')
  expect(typedCommand('chat-client', '', {})).toBe('npx --no-install chat-client')
})

test('anyone who uses npm run goes on with it', () => {
  for (const script of ['node scripts/setup.mjs && chat-client', 'node scripts/setup.mjs && chat-lab demo']) {
    expect(typedCommand('chat-client', '--to NAME', npm(script))).toBe('npm run chat-client -- --to NAME')
    expect(typedCommand('dh-chat-server', '', npm(script))).toBe('npm run dh-chat-server')
  }
})

test('neither another script nor another project is npm run of a program', () => {
  for (const env of [npm('node scripts/setup.mjs && vitest run'), npm('chat-client', 'my-bot')]) {
    expect(typedCommand('chat-lab', 'demo', env)).toBe('npx --no-install chat-lab demo')
  }
})
