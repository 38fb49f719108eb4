import { ChatError } from '@p2p-secure-chat/core/errors'
import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { commandLine, runCommandLine } from '@p2p-secure-chat/core/terminal/command-line'
import { type Command, Option } from 'commander'
import { type Invite, isInvite, parseInvite } from '../directory/invite.ts'
import { noSuchSubcommand } from '../commands/suggestions.ts'
import { type Flags, pipeDefault, policiesOf, readFlags } from './client-flags.ts'
import { addCompletionCommand } from './completion-command.ts'
import { homeFolder } from './home-folder.ts'
import type { Rung } from './rung.ts'

/** The command line of a rung's chat client. */
export async function runClientCommand(rung: Rung): Promise<void> {
  const program = commandLine(`${rung.bin}-client`, rung.summary)
    .option('--name <name>', 'who you are: 1 to 32 of a-z 0-9 . _ - (a terminal asks for it)')
    .option('--directory <host:port>', 'the chat server to register with', `127.0.0.1:${rung.port}`)
    .option(
      '--run-directory',
      'run it inside this client if none answers there; at the default address a terminal asks',
    )
    .option(rung.identities ? '--to <name|invite>' : '--to <name>', 'call this user at once; piped lines go there')
    .option(
      '--wait <seconds>',
      'with --to: how long to wait for the user to come online (default: 0), or to have a place for the call (default: 10)',
    )
    .option('--listen <[host:]port>', 'where to take calls; the host follows the directory unless given', '0')
    .option('--advertise <port>', 'the port to give to others, if a router forwards another one to --listen')
    .option(
      '--accept <policy>',
      `whose calls to take: ${policiesOf(rung).join(', ')} (default: ask on a terminal and with --json, else ${pipeDefault(rung)})`,
    )
    .option(
      '--accept-files <dir>',
      'take every file that a peer sends, into this folder (default: ask; a plain pipe declines)',
    )
    .option('--home <dir>', homeHelp(rung))
    .option('--json', 'one JSON object per line on stdout; stdin takes lines, commands and /json')
    .option('--once', 'leave after the first conversation')
    .option('--plain', 'on a terminal, for screen readers: plain lines in words, nothing is redrawn, no colours')
  if (rung.identities) {
    program
      .option('--passphrase-file <file>', 'the passphrase of the identity, in the first line of this file')
      .option('--group <name|file>', 'use exactly this Diffie-Hellman group, by name or from a PEM file')
  }
  if (rung.openKeyLog !== null) {
    program.option(
      '--keylog <file>',
      'write the keys of every connection into this new file, to read a capture with: voids forward secrecy',
    )
  } else {
    program.addOption(new Option('--keylog [file]').hideHelp()).on('option:keylog', refuseKeyLog)
  }
  program
    .option(
      '--record <file>',
      'write all that is sent and received into this new file, a capture for Wireshark (pcapng); needs no root',
    )
    .addHelpText(
      'after',
      `
A line is a text; /help lists the commands. Ctrl-C clears the line, hangs up while you are calling somebody, and leaves
when pressed twice; Ctrl-Z suspends.
From a pipe, received texts go to stdout, all else to stderr.
The events and lines of --json: docs/scripts.md. Tab in your shell: the command completion.
Limits: 16 KiB for a text; 60 s to answer a call; 1,024 conversations, 128 with one address; 16 calls that ring, 8 of them
of strangers; a peer rings 5 times and then once in 10 s, strangers together 30 times and then once in 5 s; 4 files at
once in each direction, of any size, 1,000 more that wait for their turn, and 10 minutes to accept one; a peer that is
silent for 45 s is gone; 64 connections that are not served yet, 16 from one address${
        rung.identities ? ', which has 1.2 s of\nprocessor time for their handshakes, then 50 ms a second' : ''
      }.
Exit codes: 0 all delivered, 1 something failed or was not delivered, 2 wrong usage, 3 refused for security.`,
    )
    .allowExcessArguments()
    .action((flags: Flags) => start(rung, program, flags))
  rung.subcommands(program)
  addCompletionCommand(program, rung)
  await runCommandLine(program)
}

/** Starts the client and ends the process with its exit code. @throws {ChatError} wrong usage, or what kept it from starting */
async function start(rung: Rung, program: Command, flags: Flags): Promise<never> {
  refuseWord(program)
  const invite = readInvite(rung, flags.to)
  const given = program.getOptionValueSource('directory') === 'cli'
  const { name, ...options } = readFlags(rung, invite === null ? flags : followInvite(flags, invite, given))
  const asks = options.manner === 'terminal' && !given && invite === null
  const [{ launchClient }, { linesFor }] = await Promise.all([
    import('./launch-client.ts'),
    import('@p2p-secure-chat/core/terminal/wrap-lines'),
  ])
  const code = await launchClient(rung, {
    name,
    // Elsewhere nothing is kept, and a home is not missed.
    home: rung.identities ? homeFolder(flags.home) : '',
    passphraseFile: flags.passphraseFile,
    group: flags.group,
    keylog: flags.keylog,
    record: flags.record,
    invite,
    withoutDirectory: flags.runDirectory === true ? 'run' : asks ? 'ask' : 'fail',
    note: text => process.stderr.write(`${linesFor(process.stderr, text)}\n`),
    options,
  })
  // A dial that is still under way must not hold up somebody who has left.
  process.exit(code)
}

/** @throws {ChatError} `usage` when a word stands where no flag expects one: a command with a slip, or a name */
function refuseWord(program: Command): void {
  const [word] = program.args
  if (word === undefined) return
  throw noSuchSubcommand(word, program, '--to NAME calls somebody, --name NAME says who you are; see --help')
}

/** @throws {ChatError} `usage`: whoever knows the flag from another rung learns why it is none here */
function refuseKeyLog(): never {
  throw new ChatError('usage', 'nothing is sealed on this rung, so there are no keys to write with --keylog')
}

/** @throws {ChatError} `bad-invite`, `usage` */
function readInvite(rung: Rung, to: string | undefined): Invite | null {
  if (to === undefined || !isInvite(to)) return null
  if (!rung.identities) throw new ChatError('usage', '--to takes a name: an invite is about keys, and here are none')
  return parseInvite(to)
}

/** @param given whether the person named a directory, which goes before that of the invite */
function followInvite(flags: Flags, { name, directory }: Invite, given: boolean): Flags {
  return { ...flags, to: name, directory: given ? flags.directory : formatAddress(directory) }
}

function homeHelp(rung: Rung): string {
  return rung.identities
    ? 'the folder of identities and known peers (default: ~/.p2p-secure-chat, or p2p-secure-chat in $XDG_DATA_HOME)'
    : 'accepted as on the other rungs; nothing is kept here'
}
