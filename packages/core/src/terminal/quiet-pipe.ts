import { ChatError } from '../errors.ts'
import { reasonOf } from '../files/file-error.ts'
import { reportError } from './report-error.ts'

/** The reader of a pipe has left, or the terminal behind the stream is gone. */
const READER_GONE = new Set<unknown>(['EPIPE', 'EIO'])

/**
 * Lets a command end quietly when the reader of its output has left, as in `calc-client ... | head -1`. Any other failed
 * write, such as on a full disk, is reported.
 *
 * @param onGone called when the reader is gone, possibly more than once; by default the process ends with its current exit
 * code
 */
export function quietPipe(
  stream: NodeJS.WritableStream = process.stdout,
  onGone: () => void = () => process.exit(),
): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (READER_GONE.has(error.code)) return onGone()
    process.exit(
      reportError(new ChatError('unwritable', `cannot write the output: ${reasonOf(error)}`, { cause: error })),
    )
  })
}
