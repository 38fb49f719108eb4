import { commandLine } from '@p2p-secure-chat/core/terminal/command-line'
import type { Command } from 'commander'
import type { ClientOptions } from './run-client.ts'
import type { CalculatorServerOptions } from './run-server.ts'

/** The command line of calc-server. */
export function calcServerCommand(): Command {
  return commandLine('calc-server', 'answers calc-client: decimal arithmetic, strictly left to right')
    .option('--host <host>', 'address to listen on; 0.0.0.0 or :: opens it to the network', '127.0.0.1')
    .option('--port <port>', 'port to listen on; 0 picks a free one', '10001')
    .option('--json', 'report where it listens as a JSON object')
    .option('--quiet', 'no notes on stderr')
    .addHelpText(
      'after',
      `
Limits: 1,000 clients at once, 128 from one address; 64 connections that have not said hello, 16 from one address;
64 KiB per expression; numbers of 1,000 digits, quotients to 50 significant digits.
It disconnects a client that does not say hello within 5 seconds, falls silent for 45 (without even a keepalive), or
reads no answer for as long. At SIGINT or SIGTERM it says goodbye to everyone and ends.`,
    )
    .action(async (options: CalculatorServerOptions) => {
      const { runCalculatorServer } = await import('./run-server.ts')
      await runCalculatorServer(options)
    })
}

/** The command line of calc-client. */
export function calcClientCommand(): Command {
  return (
    commandLine('calc-client', 'evaluates expressions with the help of calc-server, strictly left to right')
      .argument('[expression...]', 'each argument is one expression, such as "2 + 3 * 4"')
      .option('--host <host>', 'where calc-server runs', '127.0.0.1')
      .option('--port <port>', 'its port', '10001')
      .option(
        '--json',
        'one JSON object per answer: {v, expression, result} or {v, expression, error}; from stdin, line too',
      )
      .option('--quiet', 'no notes on stderr')
      .option(
        '--record <file>',
        'record all that is sent and received in this new file, a capture for Wireshark (pcapng); needs no root',
      )
      // What starts with a minus sign may be an expression; runClient() refuses the rest.
      .allowUnknownOption()
      .addHelpText(
        'after',
        `
Without an expression it asks for some on a terminal (END, Ctrl-D or Ctrl-C twice leaves; with a line typed, Ctrl-C clears
it). Otherwise it reads stdin, one expression per line, and writes one answer per line; it skips blank lines, and an error
names its line. It exits with 1 if any failed.

Numbers, + - * / % (or − × ÷), minus signs, parentheses, any spacing. All operators have the same precedence, evaluated
left to right: 2 + 3 * 4 is 20. A number has a decimal point, and nothing between its thousands: 1000.5.
% is the remainder with the sign of the divisor: -7 % 3 is 2.

Limits: numbers of 1,000 digits, quotients to 50 significant digits; 64 KiB per expression, 16 KiB per line of stdin.
It waits 10 seconds for a connection, 5 for the hello, 10 for each answer.`,
      )
      .action(async (expressions: string[], options: ClientOptions) => {
        const { runClient } = await import('./run-client.ts')
        process.exitCode = await runClient(expressions, options)
      })
  )
}
