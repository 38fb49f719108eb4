import { type FileHandle, lstat, open, rm } from 'node:fs/promises'
import { hashName, MAX_GROUP_BITS, MIN_GROUP_BITS } from '@p2p-secure-chat/core/dh/group-check'
import { encodeGroupPem, type GroupParameters } from '@p2p-secure-chat/core/dh/group-pem'
import { byOpenSsl } from '@p2p-secure-chat/core/dh/primality'
import { generateSafePrime } from '@p2p-secure-chat/core/dh/safe-prime'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { fileError, systemCode } from '@p2p-secure-chat/core/files/file-error'
import { searchProgress } from './search-progress.ts'

/** Unchecked, as the command line gives them. */
export interface ParamsOptions {
  readonly bits: string
  readonly out?: string
  readonly force?: boolean
}

/** By convention 128 plus the number of the signal. */
const SIGINT_EXIT_CODE = 130
const SIGTERM_EXIT_CODE = 143

/** The numbers are public: anyone may read them. */
const FILE_MODE = 0o644

/**
 * Generates a group and writes it as PEM to a file or to stdout, with progress on stderr. A signal ends the search.
 * Nothing is opened before the search is over, so a signal leaves nothing half-written.
 *
 * @returns the exit code: 0, or that of the signal
 * @throws {ChatError} `usage` for bits out of range, `unwritable`, `disk-full`
 */
export async function makeParams({ bits, out, force = false }: ParamsOptions): Promise<number> {
  const size = checkedBits(bits)
  if (out !== undefined) await checkTarget(out, force)

  const stop = new AbortController()
  let exitCode = 0
  const stopWith = (code: number) => () => {
    exitCode = code
    stop.abort()
  }
  process.once('SIGINT', stopWith(SIGINT_EXIT_CODE)).once('SIGTERM', stopWith(SIGTERM_EXIT_CODE))

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
  if (out === undefined) {
    process.stdout.write(encodeGroupPem(parameters))
  } else {
    await saveGroup(out, parameters, force)
    process.stderr.write(`${out}: a group of ${size} bits, ${hashName(parameters)} in handshakes\n`)
  }
  return 0
}

function checkedBits(text: string): number {
  const bits = /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (bits < MIN_GROUP_BITS) {
    throw new ChatError(
      'usage',
      `--bits ${text} is too short: peers refuse primes below ${MIN_GROUP_BITS} bits as weak`,
    )
  }
  if (!(bits <= MAX_GROUP_BITS)) {
    throw new ChatError('usage', `--bits must be a number from ${MIN_GROUP_BITS} to ${MAX_GROUP_BITS}, not ${text}`)
  }
  return bits
}

/**
 * Finds out what would keep saveGroup from writing, before the long search whose result is to be saved.
 *
 * @throws {ChatError} `unwritable`
 */
export async function checkTarget(file: string, force: boolean): Promise<void> {
  const isThere = await lstat(file).then(
    () => true,
    () => false,
  )
  // Opening to append leaves an existing file as it is; a file made only for this check is removed at once.
  const handle = await create(file, force ? 'a' : 'wx')
  await handle.close()
  if (!isThere) await rm(file, { force: true })
}

/**
 * Writes a group as PEM. A new file that could not be written completely is removed.
 *
 * @param force overwrite an existing file
 * @throws {ChatError} `unwritable`, `disk-full`
 */
export async function saveGroup(file: string, parameters: GroupParameters, force: boolean): Promise<void> {
  const handle = await create(file, force ? 'w' : 'wx')
  try {
    await handle.writeFile(encodeGroupPem(parameters))
  } catch (cause) {
    if (!force) await rm(file, { force: true })
    throw fileError('unwritable', file, cause)
  } finally {
    await handle.close()
  }
}

async function create(file: string, flags: 'a' | 'w' | 'wx'): Promise<FileHandle> {
  try {
    return await open(file, flags, FILE_MODE)
  } catch (cause) {
    if (systemCode(cause) !== 'EEXIST') throw fileError('unwritable', file, cause)
    throw new ChatError('unwritable', `${file} already exists`, { cause, hint: '--force overwrites it' })
  }
}
