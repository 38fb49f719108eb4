import { ChatError, type ErrorCode } from '@p2p-secure-chat/core/errors'
import { formatAddress, isLoopback } from '@p2p-secure-chat/core/net/address'
import { askYesNo } from '@p2p-secure-chat/core/input/questions'
import { reportError } from '@p2p-secure-chat/core/terminal/report-error'
import type { ChatClientOptions } from '../client/assembly.ts'
import type { Profile } from '../client/profile.ts'
import type { Invite } from '../directory/invite.ts'
import type { OwnDirectory } from '../directory/directory-server.ts'
import { makePrivateFolder } from '@p2p-secure-chat/core/files/make-folder'
import { askName, keepLastName, readLastName, userName } from './ask-name.ts'
import type { Rung } from './rung.ts'
import { runningClients } from './running-clients.ts'
import type { Disclosure, KeyLog } from '@p2p-secure-chat/core/files/disclosure'
import type { TapSocket } from '@p2p-secure-chat/core/net/socket-channel'
import { typedCommand } from '@p2p-secure-chat/core/terminal/typed-command'

/** Files to write, by the flags that name them. */
interface WantedFiles {
  readonly keylog: string | undefined
  readonly record: string | undefined
}

/** The files in which a client discloses its connections. */
interface Disclosures {
  readonly keyLog: KeyLog | null
  readonly tap: TapSocket | undefined
  readonly all: readonly Disclosure[]
  close(): Promise<void>
}

/** Advice if no directory answers on another machine: we cannot run one in its place. */
const ELSEWHERE = 'check the address, that a chat server runs there, and that no firewall blocks it'

/** What the command line says, and what still has to be asked. */
export interface Launch extends WantedFiles {
  /** Null if the person is to be asked. */
  readonly name: string | null
  readonly home: string
  readonly passphraseFile: string | undefined
  readonly group: string | undefined
  readonly invite: Invite | null
  /** What to do if no directory answers. */
  readonly withoutDirectory: 'fail' | 'ask' | 'run'
  /** Shows the person something before there is a client. */
  readonly note: (text: string) => void
  readonly options: Omit<ChatClientOptions, 'name' | 'disclosures' | 'tap' | 'others'>
}

/**
 * Runs a client from start to exit. At a terminal it asks for what is missing, and again until the answer will do.
 *
 * @returns the exit code
 * @throws {ChatError} why it could not start
 */
export async function launchClient(rung: Rung, launch: Launch): Promise<number> {
  const { home, options, note } = launch
  const { directory, to } = options
  const interactive = options.inputMode === 'terminal'
  const where = formatAddress(directory)
  const running = runningClients(home)
  /** Names that the directory has given to others. */
  const taken = new Set<string>()
  let own: OwnDirectory | null = null
  const stopOwn = async () => own?.stop()
  // Before any question: a file that cannot be written should not cost the user their answers.
  const disclosures = await openDisclosures(rung, launch)

  async function refuse(name: string): Promise<string | null> {
    if (taken.has(name)) return `the name ${name} is taken`
    if (name === to) return `${name} is the person you want to call`
    return rung.identities && (await running.has(name)) ? isRunning(name) : null
  }

  /** Without this, the directory would let our own key replace a running client; on the basic rung it refuses by itself. */
  async function claim(name: string): Promise<() => Promise<void>> {
    const withdraw = rung.identities ? await running.claim(name) : () => Promise.resolve()
    if (withdraw !== null) return withdraw
    throw new ChatError('name-in-use', isRunning(name), {
      hint: `use that client, with /msg ${to ?? 'NAME'} TEXT, or choose another name with --name`,
    })
  }

  async function findName(): Promise<string> {
    const last = rung.identities ? await readLastName(home) : null
    return askName({ suggestions: [last, userName()], refuse })
  }

  async function run(profile: Profile, name: string): Promise<number> {
    const { all, tap } = disclosures
    const whole = { ...options, name, disclosures: all, tap, others: () => own?.others(name) ?? 0 }
    // After the questions, which a person would wait for otherwise.
    const { runChatClient } = await import('../client/chat-client.ts')
    try {
      return await runChatClient(profile, whole)
    } catch (error) {
      if (!hasCode(error, 'no-directory')) throw error
      if (!isLoopback(directory.host)) throw new ChatError(error.code, error.message, { cause: error, hint: ELSEWHERE })
      if (launch.withoutDirectory === 'fail') throw error
      const question = `No directory answers at ${where}. Run one inside this client?`
      if (launch.withoutDirectory === 'ask' && !(await askYesNo(question, true))) throw error
      const { ownDirectory } = await import('../directory/directory-server.ts')
      own ??= ownDirectory(directory, rung.protocol)
      if (await own.start(await rung.authentication())) {
        const bindings = rung.identities ? ' and then forgets which name belongs to which key' : ''
        note(
          `It ends with this client${bindings}.\nTo serve a network: ${typedCommand(`${rung.bin}-server`, '--host 0.0.0.0')}`,
        )
      }
      return runChatClient(profile, whole)
    }
  }

  /** @throws {ChatError} `name-in-use`, `name-taken`, or another reason why the client could not start */
  async function start(given: string | null): Promise<number> {
    const name = given ?? (await findName())
    const withdraw = await claim(name)
    try {
      const profile = await rung.prepare({
        name,
        home,
        passphraseFile: launch.passphraseFile,
        group: launch.group,
        keyLog: disclosures.keyLog,
        interactive,
        note,
      })
      if (launch.invite !== null) await profile.expectKey?.(launch.invite.name, launch.invite.fingerprint)
      if (interactive && rung.identities) await keepLastName(home, name)
      return await run(profile, name)
    } catch (error) {
      if (!hasCode(error, 'name-taken')) throw error
      taken.add(name)
      if (!rung.identities) throw error
      const move = typedCommand(`${rung.bin}-client`, 'identity export')
      const hint = `choose another name with --name; if ${name} is you on another device, move the key: ${move} there, identity import here`
      throw new ChatError(error.code, error.message, { cause: error, hint })
    } finally {
      await withdraw()
    }
  }

  let { name } = launch
  try {
    if (rung.identities) await makePrivateFolder(home)
    await rung.requireSafeHome(home)
    for (;;) {
      try {
        return await start(name)
      } catch (error) {
        if (!interactive || !(hasCode(error, 'name-taken') || hasCode(error, 'name-in-use'))) throw error
        reportError(error)
        name = null
      }
    }
  } finally {
    await stopOwn()
    await disclosures.close()
  }
}

function isRunning(name: string): string {
  return `another client of yours is running as ${name}`
}

function hasCode(error: unknown, code: ErrorCode): error is ChatError {
  return error instanceof ChatError && error.code === code
}

/**
 * Opens all files, or none.
 *
 * @throws {ChatError} `unwritable`, `disk-full`
 */
async function openDisclosures(rung: Rung, { keylog, record }: WantedFiles): Promise<Disclosures> {
  const keyLog = keylog === undefined || rung.openKeyLog === null ? null : await rung.openKeyLog(keylog)
  try {
    const recording = record === undefined ? null : await startRecording(record, rung)
    const all = [keyLog, recording].filter(disclosure => disclosure !== null)
    return {
      keyLog,
      tap: recording?.tap,
      all,
      close: async () => void (await Promise.all(all.map(disclosure => disclosure.close()))),
    }
  } catch (error) {
    await keyLog?.close()
    throw error
  }
}

async function startRecording(path: string, rung: Rung) {
  const { openRecording } = await import('@p2p-secure-chat/core/net/recording')
  return openRecording(path, `${rung.bin}-client`)
}
