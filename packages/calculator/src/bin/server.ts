#!/usr/bin/env node
import { commandLine, runCommandLine } from '@p2p-secure-chat/core/terminal/command-line'
import type { CalculatorServerOptions } from '../run-server.ts'

const program = commandLine('calc-server', 'Answers calc-client: decimal arithmetic, strictly left to right.')
  .option('--host <host>', 'address to listen on; 0.0.0.0 or :: opens it to the network', '127.0.0.1')
  .option('--port <port>', 'port to listen on; 0 picks a free one', '10001')
  .option('--json', 'report where it listens as a JSON object')
  .addHelpText(
    'after',
    `
Limits: 1,000 clients at once, 128 from one address; 64 connections that have not said hello, 16 from one address;
64 KiB per expression; numbers of 1,000 digits, quotients to 50 significant digits.
It disconnects a client that does not say hello within 5 seconds, falls silent for 45 (without even a keepalive), or
reads no answer for as long. At SIGINT or SIGTERM it says goodbye to everyone and ends.`,
  )
  .action(async (options: CalculatorServerOptions) => {
    const { runCalculatorServer } = await import('../run-server.ts')
    await runCalculatorServer(options)
  })

await runCommandLine(program)
