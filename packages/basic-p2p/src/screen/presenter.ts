import { ChatError } from '@p2p-secure-chat/core/errors'
import { jsonLine } from '@p2p-secure-chat/core/terminal/json-line'
import { linesFor } from '@p2p-secure-chat/core/terminal/wrap-lines'
import type { Presenter } from '../commands/chat-command.ts'
import { describeEvent } from './describe-event.ts'

/** Without colours we cannot tell whether ink or paper is lighter, and not every camera reads a negative. */
export const NO_PICTURE = 'no QR code here: it needs colours'

/** One JSON object per line on stdout, and nothing else there. */
export function jsonPresenter(): Presenter {
  return {
    show: event => write(process.stdout, jsonLine({ v: 1, at: new Date().toISOString(), ...event })),
    note,
    verbatim,
    picture: () => undefined,
  }
}

/** Received texts are lines on stdout, unwrapped unless that is a terminal; everything else goes to stderr. */
export function pipePresenter(): Presenter {
  return {
    show(event) {
      const description = describeEvent(event, Infinity)
      if (description === null) return Promise.resolve()
      const stream = description.kind === 'text' ? process.stdout : process.stderr
      return write(stream, `${linesFor(stream, description.text)}\n`)
    },
    note,
    verbatim,
    picture: () => undefined,
  }
}

/** Waits until all output is written, or nobody reads it any more. */
export async function flushOutput(): Promise<void> {
  await Promise.allSettled([write(process.stdout, ''), write(process.stderr, '')])
}

function note(text: string): void {
  verbatim(linesFor(process.stderr, text))
}

function verbatim(text: string): void {
  process.stderr.write(`${text}\n`)
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
