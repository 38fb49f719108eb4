import type { Command } from 'commander'
import type { CrackFlags } from './run-crack.ts'

/** `chat-lab crack FILE`. */
export function addCrackCommand(program: Command): void {
  program
    .command('crack')
    .description('recovers what was said from a capture, where the numbers of the exchange are small enough')
    .argument('<file>', 'a capture: pcap or pcapng; a file and not stdin, since it is read twice')
    .option('--seconds <seconds>', 'how long all searches may take together; 1 to 86400', '120')
    .option(
      '--keylog <file>',
      'write the keys that were found, if any, to this new file, for chat-lab read and Wireshark',
    )
    .option('--json', 'one JSON object per line: what is seen, each search and its result, each message')
    .addHelpText(
      'after',
      `
It breaks conversations in the toy groups of chat-lab toy (a discrete logarithm: baby-step giant-step or Pollard's rho),
and those of the textbook's format (every small shared secret is tried). Of a real group it says what that would cost.

Ctrl-C ends the search, and what was found by then is shown.

Exit codes: 0 something was recovered, 1 nothing was or the capture cannot be read, 2 wrong usage.`,
    )
    .action(async (file: string, flags: CrackFlags) => {
      const { runCrack } = await import('./run-crack.ts')
      process.exitCode = await runCrack(file, flags)
    })
}
