import { expect, onTestFinished, test, vi } from 'vitest'
import { commandLine } from '../../src/terminal/command-line.ts'

test('defaults in --help read as a person would type them, in subcommands too', () => {
  vi.stubEnv('HOME', '/home/alice')
  onTestFinished(() => void vi.unstubAllEnvs())
  const program = commandLine('tool', 'does something')
  program
    .command('part')
    .addArgument(program.createArgument('<shell>', 'which shell').choices(['bash', 'zsh']))
    .option('--port <port>', 'a port', '0')
    .option('--home <dir>', 'a folder', '/home/alice/.chat')
    .option('--other <dir>', 'a folder', '/home/alices/.chat')
    .option('--choice', 'a choice', true)
  const help = program.commands[0]?.helpInformation() ?? ''
  expect(help.match(/\(default: .*\)/g)).toEqual([
    '(default: 0)',
    '(default: ~/.chat)',
    '(default: /home/alices/.chat)',
    '(default: true)',
  ])
  expect(help).toContain('which shell: bash, zsh\n')
})
