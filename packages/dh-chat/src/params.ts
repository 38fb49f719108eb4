import { access, constants, lstat, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { hashName, MAX_GROUP_BITS, MIN_GROUP_BITS } from '@p2p-secure-chat/core/dh/group-check'
import { encodeGroupPem } from '@p2p-secure-chat/core/dh/group-pem'
import { byOpenSsl } from '@p2p-secure-chat/core/dh/primality'
import { generateSafePrime } from '@p2p-secure-chat/core/dh/safe-prime'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { searchProgress } from './search-progress.ts'

/** What the command line says, unchecked. */
export interface ParamsOptions {
  readonly bits: string
  readonly out?: string
  readonly force?: boolean
}

/** By custom 128 and the number of the signal. */
const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const

/**
 * Generates a group and writes it as PEM to a file or to stdout, with progress on stderr. A signal ends the search, and
 * as nothing is opened before the search is over, nothing half-written is left.
 *
 * @returns the exit code: 0, or that of the signal
 * @throws {ChatError} `usage` for bits out of range, `unwritable`
 */
export async function makeParams({ bits, out, force = false }: ParamsOptions): Promise<number> {
  const size = checkedBits(bits)
  if (out !== undefined) await checkTarget(out, force)

  const stop = new AbortController()
  let exitCode = 0
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      exitCode = SIGNAL_EXIT_CODES[signal]
      stop.abort()
    })
  }

  const bar = searchProgress(process.stderr)
  let p: bigint
  try {
    p = await generateSafePrime(size, {
      isPrime: byOpenSsl,
      signal: stop.signal,
      onProgress: progress => bar.show(progress),
    })
  } catch (error) {
    if (stop.signal.aborted) return exitCode
    throw error
  } finally {
    bar.clear()
  }

  const parameters = { p, g: 2n }
  const pem = encodeGroupPem(parameters)
  if (out === undefined) {
    process.stdout.write(pem)
  } else {
    await writeTarget(out, pem, force)
    process.stderr.write(`${out}: a group of ${size} bits, ${hashName(parameters)} in handshakes\n`)
  }
  return 0
}

function checkedBits(text: string): number {
  const bits = /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (bits < MIN_GROUP_BITS) {
    throw new ChatError(
      'usage',
      `--bits ${text} is too short: others refuse primes below ${MIN_GROUP_BITS} bits as weak`,
    )
  }
  if (!(bits <= MAX_GROUP_BITS)) {
    throw new ChatError('usage', `--bits is a number from ${MIN_GROUP_BITS} to ${MAX_GROUP_BITS}, not ${text}`)
  }
  return bits
}

/** Better now than after a minute's search. */
async function checkTarget(file: string, force: boolean): Promise<void> {
  if (!force && (await exists(file))) throw unwritable(file, 'it exists, and --force is not given')
  try {
    await access(dirname(file), constants.W_OK)
  } catch (cause) {
    throw unwritable(file, reasonOf(cause), cause)
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await lstat(file)
    return true
  } catch {
    // Whatever keeps us from looking will be told by who writes.
    return false
  }
}

async function writeTarget(file: string, pem: string, force: boolean): Promise<void> {
  try {
    await writeFile(file, pem, { flag: force ? 'w' : 'wx', mode: 0o644 })
  } catch (cause) {
    const ours = !force && !(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')
    if (ours) await rm(file, { force: true })
    throw unwritable(file, reasonOf(cause), cause)
  }
}

function unwritable(file: string, reason: string, cause?: unknown): ChatError {
  return new ChatError('unwritable', `cannot write ${file}: ${reason}`, { cause })
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
