import type { Disclosure } from '@p2p-secure-chat/core/files/disclosure'
import { reportDefectsTo } from '@p2p-secure-chat/core/contain'
import type { Address } from '@p2p-secure-chat/core/net/address'
import type { TapSocket } from '@p2p-secure-chat/core/net/socket-channel'
import type { AcceptPolicy } from '../chat/call-policy.ts'
import type { InputMode } from '../commands/parse-line.ts'
import type { DirectoryClient } from '../directory/directory-client.ts'
import { reconnectingDirectory } from '../directory/reconnecting-directory.ts'
import type { FilePolicy } from '../files/file-transfers.ts'
import { requireFolder } from '../files/partial-file.ts'
import { ExitPolicy } from './exit-policy.ts'
import { EventDispatcher } from './event-dispatcher.ts'
import { type KeptHistory, openHistory } from '../screen/kept-history.ts'
import { Leaving } from './leaving.ts'
import type { Profile } from './profile.ts'
import { openPreferences, type Preferences } from '../commands/preferences.ts'
import { type Arrivals, arrivals } from './locate.ts'

/** What the command line asks for, checked. */
export interface ChatClientOptions {
  readonly name: string
  readonly directory: Address
  /** The name to call at once. */
  readonly to: string | null
  /** Seconds to wait for `to` to come online, or to have a place for the call; null for the default. */
  readonly wait: number | null
  /** Where to listen for calls; a host of null means that the directory's welcome decides. */
  readonly listen: { readonly host: string | null; readonly port: number }
  /** The port to give to the directory, if a router forwards a different one from the one we listen on. */
  readonly advertise: number | null
  readonly accept: AcceptPolicy
  readonly files: FilePolicy
  /** Whether to leave after the first conversation. */
  readonly once: boolean
  readonly inputMode: InputMode
  /** Whether scripts want no remarks for people. */
  readonly quiet: boolean
  /** Whether a screen reader reads the terminal. */
  readonly plain: boolean
  /** Recordings and key logs. The code that opened them closes them. */
  readonly disclosures: readonly Disclosure[]
  /** How many others use the directory that runs inside this process. */
  readonly others: () => number
  /** Watches all connections. */
  readonly tap: TapSocket | undefined
}

/** What a person finds again at their terminal. */
interface Kept {
  readonly history: KeptHistory
  readonly preferences: Preferences
}

/** What a client is made of. */
export interface Parts {
  readonly profile: Profile
  readonly options: ChatClientOptions
  readonly leaving: Leaving
  readonly arrivals: Arrivals
  readonly exitPolicy: ExitPolicy
  readonly dispatcher: EventDispatcher
  /** Null where there is no person at a terminal. */
  readonly kept: Kept | null
  readonly directory: DirectoryClient
}

/** Makes the parts of a client that is not registered yet. @throws {ChatError} `unwritable`, or as reconnectingDirectory() */
export async function assemble(profile: Profile, options: ChatClientOptions): Promise<Parts> {
  const { inputMode, to, once } = options
  const leaving = new Leaving()
  const online = arrivals()
  const exitPolicy = new ExitPolicy({
    to,
    once,
    interactive: inputMode === 'terminal',
    isTyping: () => dispatcher.terminal?.typing === true,
  })
  const dispatcher: EventDispatcher = new EventDispatcher(inputMode, options.quiet, {
    arrivals: online,
    exitPolicy,
    log: profile.log,
    leaving,
  })
  reportDefectsTo(dispatcher.reportDefect)
  if (options.files.decision === 'accept') await requireFolder(options.files.folder)
  const kept = inputMode === 'terminal' ? await openKept(profile, options, dispatcher.remark) : null
  const directory = await reconnectingDirectory({
    address: options.directory,
    rung: profile.upgrade.protocol,
    prove: profile.prove,
    tap: options.tap,
    onFull: ({ code }) => dispatcher.note(`the directory is full, retrying (${code})`),
    onPresence: (name, isOnline) => dispatcher.tell({ event: 'presence', name, online: isOnline }),
    onChange(change) {
      if (change.state === 'replaced') online.giveUp()
      dispatcher.tell({ event: 'directory', ...change })
    },
  })
  return { profile, options, leaving, arrivals: online, exitPolicy, dispatcher, kept, directory }
}

async function openKept({ files }: Profile, { plain }: ChatClientOptions, warn: (text: string) => void): Promise<Kept> {
  const forNow = plain ? { plain } : {}
  return { history: await openHistory(files, warn), preferences: await openPreferences({ files, forNow, warn }) }
}
