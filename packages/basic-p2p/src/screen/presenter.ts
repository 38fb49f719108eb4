import { ChatError } from '@p2p-secure-chat/core/errors'
import { jsonLine } from '@p2p-secure-chat/core/terminal/json-line'
import { linesFor } from '@p2p-secure-chat/core/terminal/wrap-lines'
import type { Presenter } from '../commands/chat-command.ts'
import { describeEvent } from './describe-event.ts'

/** Without colours we cannot tell whether ink or paper is lighter, and not every camera reads a negative. */
export const NO_PICTURE = 'no QR code here: it needs colours'

/** One JSON object per line on stdout, and nothing else there. */
export function jsonPresenter(quiet: boolean): Presenter {
  const toPeople = (text: string) => {
    if (!quiet) process.stderr.write(`${linesFor(process.stderr, text)}\n`)
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
    note: text => void (quiet || process.stderr.write(`${linesFor(process.stderr, text)}\n`)),
    answer: text => void process.stdout.write(`${text}\n`),
    verbatim: text => void process.stdout.write(`${text}\n`),
    picture: () => undefined,
  }
}

/** Waits until all output is written, or nobody reads it any more. */
export async function flushOutput(): Promise<void> {
  await Promise.allSettled([write(process.stdout, ''), write(process.stderr, '')])
}

function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, error => {
      if (error) reject(new ChatError('unwritable', 'nobody reads the output any more', { cause: error }))
      else resolve()
    })
  })
}

/** The time of day where we are, as HH:MM. */
export function clockTime(date: Date): string {
  return [date.getHours(), date.getMinutes()].map(part => String(part).padStart(2, '0')).join(':')
}
