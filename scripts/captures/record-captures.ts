import { absolutePath } from '@p2p-secure-chat/core/files/user-folder'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { commandLine, runCommandLine } from '@p2p-secure-chat/core/terminal/command-line'
import { quietPipe } from '@p2p-secure-chat/core/terminal/quiet-pipe'
import { findRights, requireTools, runAgainWithin } from './rights.ts'
import { recordAll } from './record.ts'
import { STORIES } from './stories/stories.ts'

/**
 * Records all stories and says so, until it is done or a signal ends it.
 *
 * @returns the exit code
 * @throws {ChatError} `missing-tool`, `unwritable`, `unreadable`, `disk-full`, `cancelled`
 */
async function record(out: string): Promise<number> {
  requireTools()
  const prefix = findRights()
  if (prefix.length > 0) return runAgainWithin(prefix)
  const stop = new AbortController()
  const stopped = new ChatError('cancelled', 'the recording was stopped', { hint: 'no capture was replaced' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort(stopped))
  let unheard = false
  // Quietly, but not at once: what it has begun is to be cleared away.
  quietPipe(process.stdout, () => {
    unheard = true
    stop.abort(stopped)
  })
  const onRecorded = (name: string) => process.stdout.write(`recorded ${name}\n`)
  try {
    await recordAll(STORIES, { out: absolutePath(out), onRecorded, signal: stop.signal })
  } catch (error) {
    if (unheard) return 1
    // Ctrl-C ends all that we have started as well, and what breaks by that is no news.
    throw stop.signal.aborted ? stopped : error
  }
  return 0
}

const program = commandLine(
  'captures',
  'Records all captures again, between three hosts that exist while it runs (Linux).',
)
  .option('--out <dir>', 'where to write them; replaces files of the same names once all are recorded', 'captures')
  .addHelpText(
    'after',
    `
It runs as root, or as a user who may create namespaces. It needs tcpdump, ip and ss, ethtool, unshare, nsenter and
setpriv, and touches no network of this machine.`,
  )
  .action(async ({ out }: { readonly out: string }) => {
    // A step of a story that was stopped may still be waiting.
    process.exit(await record(out))
  })

await runCommandLine(program)
