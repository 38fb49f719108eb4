import { ChatError } from '@p2p-secure-chat/core/errors'
import { checkFileName } from '@p2p-secure-chat/core/files/new-file'
import { absolutePath } from '@p2p-secure-chat/core/files/user-folder'
import { type Address, isLoopback, parseAddress, parsePort } from '@p2p-secure-chat/core/net/address'
import { isPlain } from '@p2p-secure-chat/core/terminal/is-plain'
import type { AcceptPolicy } from '../chat/call-policy.ts'
import type { ChatClientOptions } from '../client/assembly.ts'
import type { InputMode } from '../commands/parse-line.ts'
import { parseName } from '../directory/name.ts'
import type { FilePolicy } from '../files/file-transfers.ts'
import { pipeDefault, policiesOf } from './accept-policies.ts'
import { receivingFolder } from './receiving-folder.ts'
import type { Rung } from './rung.ts'

/** The flags as written on the command line. */
export interface Flags {
  readonly name?: string
  readonly directory: string
  readonly runDirectory?: boolean
  readonly to?: string
  readonly wait?: string
  readonly listen: string
  readonly advertise?: string
  readonly accept?: string
  readonly home?: string
  readonly passphraseFile?: string
  readonly group?: string
  readonly keylog?: string
  readonly record?: string
  readonly json?: boolean
  readonly quiet?: boolean
  readonly once?: boolean
  readonly acceptFiles?: string
}

/** What the flags mean to the client; if the name is null, the client asks for it. */
export type ReadFlags = Omit<ChatClientOptions, 'name' | 'disclosures' | 'tap' | 'others'> & {
  readonly name: string | null
}

/** Reads the flags of a client. @throws {ChatError} `usage`, `bad-name`, `bad-address`, `self-call` */
export function readFlags(rung: Rung, flags: Flags): ReadFlags {
  const inputMode = inputModeOf(flags)
  const name = nameOf(flags, inputMode)
  const to = calleeOf(flags, name)
  const wait = waitOf(flags, to)
  checkFileName('--keylog', flags.keylog)
  checkFileName('--record', flags.record)
  return {
    name,
    to,
    wait,
    advertise: advertisedOf(flags),
    accept: policyOf(rung, flags, inputMode),
    listen: listenOf(flags),
    directory: directoryOf(rung, flags),
    files: filePolicyOf(flags, inputMode),
    once: flags.once === true,
    plain: isPlain(),
    quiet: flags.quiet === true,
    inputMode,
  }
}

/** `--json` is for scripts; otherwise there is a person if stdin and stdout are a terminal. */
function inputModeOf({ json }: Flags): InputMode {
  if (json === true) return 'json'
  return process.stdin.isTTY && process.stdout.isTTY ? 'terminal' : 'pipe'
}

/** @returns null if the person is to be asked. @throws {ChatError} `bad-name`; `usage` if there is nobody to ask */
function nameOf({ name }: Flags, inputMode: InputMode): string | null {
  if (name !== undefined) return parseName(name)
  if (inputMode === 'terminal') return null
  throw new ChatError('usage', 'your name is missing: --name NAME')
}

/** Reads `--to`, by now a name. @throws {ChatError} `bad-name`, `self-call` */
function calleeOf({ to }: Flags, name: string | null): string | null {
  if (to === undefined) return null
  const callee = parseName(to)
  if (callee === name) throw new ChatError('self-call', '--to is your own name')
  return callee
}

/** @returns seconds; null if not given. @throws {ChatError} `usage` for anything but a number, or without `--to` */
function waitOf({ wait }: Flags, to: string | null): number | null {
  if (wait === undefined) return null
  if (wait !== '0' && to === null) throw new ChatError('usage', '--wait needs --to: it waits for that person')
  if (!/^\d{1,6}$/.test(wait)) throw new ChatError('usage', '--wait takes a number of seconds')
  return Number(wait)
}

/** @returns null for the port we listen on. @throws {ChatError} `usage`, `bad-address` */
function advertisedOf({ advertise }: Flags): number | null {
  if (advertise === '0') throw new ChatError('usage', '--advertise takes a port from 1 to 65535')
  return advertise === undefined ? null : parsePort(advertise)
}

/** @throws {ChatError} `usage` for a policy that the rung does not have */
function policyOf(rung: Rung, { accept }: Flags, inputMode: InputMode): AcceptPolicy {
  const wanted = accept ?? (inputMode === 'pipe' ? pipeDefault(rung) : 'ask')
  const policy = policiesOf(rung).find(known => known === wanted)
  if (policy === undefined) throw new ChatError('usage', `--accept takes ${policiesOf(rung).join(', ')}, not ${wanted}`)
  return policy
}

/** @returns a host of null if the directory's welcome decides. @throws {ChatError} `bad-address` */
function listenOf({ listen }: Flags): ChatClientOptions['listen'] {
  const onlyPort = /^\d+$/.test(listen)
  return onlyPort ? { host: null, port: parsePort(listen) } : parseAddress(listen, { port: 0 })
}

/** @throws {ChatError} `bad-address`; `usage` if `--run-directory` comes with an address of another machine */
function directoryOf({ port }: Rung, { directory, runDirectory }: Flags): Address {
  const address = parseAddress(directory, { host: '127.0.0.1', port })
  if (runDirectory === true && !isLoopback(address.host)) {
    throw new ChatError('usage', '--run-directory serves this machine only, but --directory names another machine')
  }
  return address
}

/** The policy for offered files; in a plain pipe nobody can answer. */
function filePolicyOf({ acceptFiles }: Flags, inputMode: InputMode): FilePolicy {
  if (acceptFiles !== undefined) return { decision: 'accept', folder: absolutePath(acceptFiles) }
  return { decision: inputMode === 'pipe' ? 'decline' : 'ask', folder: receivingFolder() }
}
