import type { Command } from 'commander'
import { formatAddress, parseAddress } from '@p2p-secure-chat/core/net/address'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { CrackFlags } from './run-crack.ts'
import { protocolOf } from '../rungs.ts'

/** `chat-lab crack FILE`. */
export function addCrackCommand(program: Command): void {
  program
    .command('crack')
    .description('recover the messages in a capture if the numbers of its key exchange are small enough')
    .argument('<file>', 'a capture: pcap or pcapng; a file and not stdin, since it is read twice')
    .option('--seconds <seconds>', 'time limit for all searches together, 1 to 86400', '120')
    .option(
      '--keylog <file>',
      'write the keys that were found, if any, to this new file, for chat-lab read and Wireshark',
    )
    .option('--json', 'one JSON object per line: each conversation, each search and its result, each message')
    .addHelpText(
      'after',
      `
It breaks conversations in the toy groups of chat-lab toy (a discrete logarithm: baby-step giant-step or Pollard's rho),
and those of the textbook's format (every small shared secret is tried). For a real group it estimates the cost.

Ctrl-C ends the search and shows what it has found so far.

Exit codes: 0 something was recovered, 1 nothing was recovered or the capture cannot be read, 2 wrong usage.`,
    )
    .action(async (file: string, flags: CrackFlags) => {
      const { runCrack } = await import('./run-crack.ts')
      process.exitCode = await runCrack(file, flags)
    })
}

interface Flags {
  readonly listen?: string
  readonly to?: string
  readonly group: string
  readonly rung: string
}

/** `chat-lab toy`: one side of a conversation that is there to be cracked. */
export function addToyCommand(program: Command): void {
  program
    .command('toy')
    .description('play a short conversation in a toy group, to be recorded and cracked; run it twice')
    .option('--listen <host:port>', 'be bob: wait here for one call (port 0 picks a free one)')
    .option('--to <host:port>', 'be alice: call bob there')
    .option('--group <name>', 'toy24, toy32, toy40, toy48 or toy64: the bits of its prime', 'toy40')
    .option('--rung <name>', 'aes or dh', 'aes')
    .addHelpText('after', '\nNo other client knows these groups or accepts a call in one.')
    .action(async ({ listen, to, group, rung }: Flags) => {
      if ((listen === undefined) === (to === undefined)) {
        throw new ChatError('usage', 'toy needs either --listen HOST:PORT (bob) or --to HOST:PORT (alice)')
      }
      if (rung !== 'aes' && rung !== 'dh') throw new ChatError('usage', `--rung is aes or dh, not ${rung}`)
      const [{ answerToyCall, placeToyCall }, { toyGroupNamed }, { quietPipe }] = await Promise.all([
        import('./toy-conversation.ts'),
        import('../textbook/toy-exchange.ts'),
        import('@p2p-secure-chat/core/terminal/quiet-pipe'),
      ])
      quietPipe()
      const options = { protocol: protocolOf(rung), group: toyGroupNamed(group) } as const
      if (listen !== undefined) {
        const callee = await answerToyCall(parseAddress(listen), options)
        process.stdout.write(`listening on ${formatAddress(callee.address)}\n`)
        await callee.over
      } else if (to !== undefined) {
        await placeToyCall(parseAddress(to), options)
      }
      process.stdout.write('the conversation is over\n')
    })
}
