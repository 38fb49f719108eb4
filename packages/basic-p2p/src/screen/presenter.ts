import { ignorable } from '@p2p-secure-chat/core/contain'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { type Deferred, deferred } from '@p2p-secure-chat/core/deferred'
import { jsonLine } from '@p2p-secure-chat/core/terminal/json-line'
import { linesFor } from '@p2p-secure-chat/core/terminal/wrap-lines'
import type { Presenter } from '../commands/chat-command.ts'
import { describeEvent } from './describe-event.ts'

/** Without colours we cannot tell whether ink or paper is lighter, and not every camera reads a negative. */
export const NO_PICTURE = 'no QR code here: it needs colours'

/** One JSON object per line on stdout, and nothing else there. */
export function jsonPresenter(quiet: boolean): Presenter {
  const toPeople = (text: string) => {
    if (!quiet) say(process.stderr, linesFor(process.stderr, text))
  }
  return {
    show: event => write(process.stdout, jsonLine({ v: 1, at: new Date().toISOString(), ...event })),
    note: toPeople,
    answer: toPeople,
    verbatim: toPeople,
    picture: () => undefined,
  }
}

/**
 * Received texts and the answers to commands are lines on stdout, unwrapped unless that is a terminal; everything else goes to
 * stderr.
 *
 * @param quiet whether only errors go there
 */
export function pipePresenter(quiet: boolean): Presenter {
  return {
    show(event) {
      const description = describeEvent(event, Infinity)
      if (description === null) return Promise.resolve()
      const isAsked = description.kind === 'text' || description.kind === 'answer'
      const isTrouble = description.kind === 'trouble' || (event.event === 'closed' && event.code !== null)
      if (quiet && !isAsked && !isTrouble) return Promise.resolve()
      const stream = isAsked ? process.stdout : process.stderr
      return write(stream, `${linesFor(stream, description.text)}\n`)
    },
    note: text => {
      if (!quiet) say(process.stderr, linesFor(process.stderr, text))
    },
    answer: text => say(process.stdout, text),
    verbatim: text => say(process.stdout, text),
    picture: () => undefined,
  }
}

/** Waits until all output is written, or nobody reads it any more. */
export async function flushOutput(): Promise<void> {
  await Promise.allSettled([write(process.stdout, ''), write(process.stderr, '')])
}

/** Lines of one turn of the event loop, for one stream. */
interface Batch {
  readonly stream: NodeJS.WriteStream
  text: string
  readonly written: Deferred<void>
}

let batch: Batch | null = null

/** Writes what comes in one turn in one piece, since a write costs far more than a line; both streams keep their order. */
function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  if (batch !== null && batch.stream !== stream) flush()
  if (batch === null) {
    batch = { stream, text: '', written: deferred() }
    process.nextTick(flush)
  }
  batch.text += text
  return batch.written.promise
}

/** Writes lines for which nobody waits. */
function say(stream: NodeJS.WriteStream, text: string): void {
  void ignorable(write(stream, `${text}\n`))
}

function flush(): void {
  if (batch === null) return
  const { stream, text, written } = batch
  batch = null
  stream.write(text, error => {
    if (error) written.reject(new ChatError('unwritable', 'nobody reads the output any more', { cause: error }))
    else written.resolve()
  })
}

/** The time of day where we are, as HH:MM. */
export function clockTime(date: Date): string {
  return [date.getHours(), date.getMinutes()].map(part => String(part).padStart(2, '0')).join(':')
}
