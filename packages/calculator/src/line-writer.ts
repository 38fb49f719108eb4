import { once } from 'node:events'
import type { Writable } from 'node:stream'

/**
 * Writes lines, those of one turn in one piece: a write costs more than an answer.
 *
 * @returns a function that takes a line without its end; when it returns a promise, whoever waits for it does not run
 * ahead of the reader
 */
export function lineWriter(output: Writable): (line: string) => Promise<unknown> | undefined {
  let text = ''

  function flush(): void {
    output.write(text)
    text = ''
  }

  return line => {
    if (text === '') process.nextTick(flush)
    text += `${line}\n`
    return output.writableNeedDrain ? once(output, 'drain') : undefined
  }
}
