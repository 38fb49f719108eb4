import { hashName, MAX_GROUP_BITS, MIN_GROUP_BITS } from '@p2p-secure-chat/core/dh/group-check'
import { encodeGroupPem } from '@p2p-secure-chat/core/dh/group-pem'
import { byOpenSsl } from '@p2p-secure-chat/core/dh/primality'
import { generateSafePrime } from '@p2p-secure-chat/core/dh/safe-prime'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { checkTarget, saveGroup } from './group-file.ts'
import { searchProgress } from './search-progress.ts'

/** What the command line says, unchecked. */
export interface ParamsOptions {
  readonly bits: string
  readonly out?: string
  readonly force?: boolean
}

/** By custom 128 and the number of the signal. */
const SIGINT_EXIT_CODE = 130
const SIGTERM_EXIT_CODE = 143

/**
 * Generates a group and writes it as PEM to a file or to stdout, with progress on stderr. A signal ends the search, and
 * as nothing is opened before the search is over, nothing half-written is left.
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
      `--bits ${text} is too short: others refuse primes below ${MIN_GROUP_BITS} bits as weak`,
    )
  }
  if (!(bits <= MAX_GROUP_BITS)) {
    throw new ChatError('usage', `--bits is a number from ${MIN_GROUP_BITS} to ${MAX_GROUP_BITS}, not ${text}`)
  }
  return bits
}
