import { ChatError } from '@p2p-secure-chat/core/errors'
import { commandLine } from '@p2p-secure-chat/core/terminal/command-line'
import { type Command, Option } from 'commander'
import { noSuchSubcommand } from '../commands/suggestions.ts'
import type { Invite } from '../directory/invite.ts'
import { pipeDefault, policiesOf } from './accept-policies.ts'
import type { Flags } from './client-flags.ts'
import { addCompletionCommand } from './completion-command.ts'
import type { Rung } from './rung.ts'

/** The command line of a rung's chat client. */
export function clientCommand(rung: Rung): Command {
  const program = commandLine(`${rung.bin}-client`, rung.summary)
    .option('--name <name>', 'your name: 1 to 32 of a-z 0-9 . _ - (a terminal asks for it)')
    .option('--directory <host:port>', 'the chat server to register with', `127.0.0.1:${rung.port}`)
    .option(
      '--run-directory',
      'run a directory inside this client if none answers there; at the default address a terminal asks first',
    )
    .option(rung.identities ? '--to <name|invite>' : '--to <name>', 'call this user at once; piped lines go to them')
    .option(
      '--wait <seconds>',
      'with --to: how long to wait for the user to come online (default: 0), or to have room for the call (default: 10)',
    )
    .option(
      '--listen <[host:]port>',
      'where to accept calls; without a host: this machine only, or all interfaces if the directory is open to the network',
      '0',
    )
    .option('--advertise <port>', 'the port to tell others, if a router forwards a different one to --listen')
    .option(
      '--accept <policy>',
      `whose calls to accept: ${policiesOf(rung).join(', ')} (default: ask on a terminal and with --json, else ${pipeDefault(rung)})`,
    )
    .option(
      '--accept-files <dir>',
      'accept every file that a peer sends, into this folder (default: ask; a plain pipe declines). A file that you accept goes to the folder you are in, or to ~/Downloads inside a git work tree, in / or where you cannot write',
    )
    .option('--home <dir>', homeHelp(rung))
    .option('--json', 'one JSON object per line on stdout; stdin takes lines, commands and /json')
    .option('--quiet', 'for scripts: nothing on stderr but errors')
    .option('--once', 'leave after the first conversation')
    .option('--plain', 'on a terminal, for screen readers: plain lines in words, nothing is redrawn, no colours')
  if (rung.identities) {
    program
      .option('--passphrase-file <file>', 'read the passphrase of the identity from the first line of this file')
      .option('--group <name|file>', 'use exactly this Diffie-Hellman group, by name or from a PEM file')
  }
  if (rung.openKeyLog !== null) {
    program.option(
      '--keylog <file>',
      'write the keys of every connection to this new file, for reading captures; this gives up forward secrecy',
    )
  } else {
    program.addOption(new Option('--keylog [file]').hideHelp()).on('option:keylog', refuseKeyLog)
  }
  program
    .option(
      '--record <file>',
      'write everything sent and received to this new file, a capture for Wireshark (pcapng); needs no root',
    )
    .addHelpText(
      'after',
      `
Every line is a text; /help lists the commands. Ctrl-C clears the line, hangs up while you are calling somebody, and
leaves when pressed twice; Ctrl-Z suspends.
In a pipe, received texts and the answers to commands go to stdout, everything else to stderr.
docs/scripts.md has the events and lines of --json; the command completion makes Tab work in your shell.
Limits: 16 KiB per text; 60 s to answer a call; 1,024 conversations, 128 per address; 16 ringing calls, 8 of them from
strangers; a peer can ring 5 times, then once every 10 s, all strangers together 30 times, then once every 5 s; 4 files at
once in each direction, of any size, 1,000 more in the queue, and 10 minutes to accept one; a peer that is silent for 45 s
counts as gone; 64 connections that are not served yet, 16 per address${
        rung.identities ? ', which gets 1.2 s of\nprocessor time for their handshakes, then 50 ms a second' : ''
      }.
Exit codes: 0 all delivered, 1 something failed or was not delivered, 2 wrong usage, 3 refused for security.`,
    )
    .allowExcessArguments()
    .action((flags: Flags) => start(rung, program, flags))
  rung.subcommands(program)
  addCompletionCommand(program, rung)
  return program
}

/** Runs the client and exits with its code. @throws {ChatError} wrong usage, or why it could not start */
async function start(rung: Rung, program: Command, flags: Flags): Promise<never> {
  refuseWord(program)
  const [{ readFlags }, { homeFolder }, { launchClient }, { linesFor }] = await Promise.all([
    import('./client-flags.ts'),
    import('./home-folder.ts'),
    import('./launch-client.ts'),
    import('@p2p-secure-chat/core/terminal/wrap-lines'),
  ])
  const invite = await readInvite(rung, flags.to)
  const given = program.getOptionValueSource('directory') === 'cli'
  const { name, ...options } = readFlags(rung, invite === null ? flags : await followInvite(flags, invite, given))
  const asks = options.inputMode === 'terminal' && !given && invite === null
  const code = await launchClient(rung, {
    name,
    // Other rungs keep nothing, so they need no home.
    home: rung.identities ? homeFolder(flags.home) : '',
    passphraseFile: flags.passphraseFile,
    group: flags.group,
    keylog: flags.keylog,
    record: flags.record,
    invite,
    withoutDirectory: flags.runDirectory === true ? 'run' : asks ? 'ask' : 'fail',
    note: text => void (flags.quiet === true || process.stderr.write(`${linesFor(process.stderr, text)}\n`)),
    options,
  })
  // A dial that is still under way must not delay the exit.
  process.exit(code)
}

/** @throws {ChatError} `usage` for a word that belongs to no flag, such as a mistyped command or a name */
function refuseWord(program: Command): void {
  const [word] = program.args
  if (word === undefined) return
  throw noSuchSubcommand(word, program, '--to NAME calls somebody, --name NAME sets your own name; see --help')
}

/** @throws {ChatError} `usage`: tells users of the other rungs why the flag does not exist here */
function refuseKeyLog(): never {
  throw new ChatError('usage', 'this rung seals nothing, so --keylog has no keys to write')
}

/** @throws {ChatError} `bad-invite`, `usage` */
async function readInvite(rung: Rung, to: string | undefined): Promise<Invite | null> {
  if (to === undefined) return null
  const { isInvite, parseInvite } = await import('../directory/invite.ts')
  if (!isInvite(to)) return null
  if (!rung.identities)
    throw new ChatError('usage', '--to takes a name here: an invite needs keys, and this rung has none')
  return parseInvite(to)
}

/** @param given whether the user named a directory, which takes precedence over the invite's */
async function followInvite(flags: Flags, { name, directory }: Invite, given: boolean): Promise<Flags> {
  const { formatAddress } = await import('@p2p-secure-chat/core/net/address')
  return { ...flags, to: name, directory: given ? flags.directory : formatAddress(directory) }
}

function homeHelp(rung: Rung): string {
  return rung.identities
    ? 'the folder of identities and known peers (default: ~/.p2p-secure-chat, or p2p-secure-chat in $XDG_DATA_HOME)'
    : 'accepted for the sake of the other rungs; nothing is kept here'
}
