#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'

const { version }: { version: string } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
)

const program = new Command('dh-params')
  .description('Generates a Diffie-Hellman group with a safe prime, as PEM (PKCS #3 DH PARAMETERS).')
  .option('--bits <bits>', 'length of the prime, from 2048 to 8192', '2048')
  .option('--out <file>', 'write to this new file (default: stdout)')
  .option('--force', 'overwrite the file of --out')
  .option('--no-color', 'no colours, as with NO_COLOR in the environment')
  .option('--debug', 'show a stack trace on errors')
  .version(version)
  .addHelpText(
    'after',
    `
The search is a matter of luck: on average some 10 seconds for 2048 bits, a minute for 3072, several for 4096, an
hour for 8192, and sometimes four times as long. Give both sides the same file with --group. openssl dhparam -check
accepts it.

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C (143 by SIGTERM) with nothing written.`,
  )
  .exitOverride()
  .configureOutput({ outputError: () => undefined })
  .action(async (options: { bits: string; out?: string; force?: boolean }) => {
    const { quietPipe } = await import('@p2p-secure-chat/core/terminal/quiet-pipe')
    const { makeParams } = await import('../params.ts')
    quietPipe()
    process.exitCode = await makeParams(options)
  })

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError && error.exitCode === 0)) {
    const { ChatError } = await import('@p2p-secure-chat/core/errors')
    const { reportError } = await import('@p2p-secure-chat/core/terminal/report-error')
    const known =
      error instanceof CommanderError ? new ChatError('usage', error.message.replace(/^error: /, '')) : error
    process.exitCode = reportError(known, { debug: process.argv.includes('--debug') })
  }
}
