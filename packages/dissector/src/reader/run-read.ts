import { once } from 'node:events'
import { basename } from 'node:path'
import { addAbortSignal } from 'node:stream'
import { ChatError, rethrowUnless } from '@p2p-secure-chat/core/errors'
import { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import { jsonLine } from '@p2p-secure-chat/core/terminal/json-line'
import { quietPipe } from '@p2p-secure-chat/core/terminal/quiet-pipe'
import { captureReader } from '../dissect/capture-reader.ts'
import { nameBook } from '../dissect/name-book.ts'
import type { Observation } from '../dissect/observation.ts'
import { secretsOf } from '../dissect/secrets.ts'
import type { PageFile } from '../page/page-file.ts'
import { chunksOf, openCapture, readKeyLog } from './input.ts'
import { jsonEvents, summaryEvent } from './json-events.ts'
import { ladder } from './ladder.ts'
import { summaryLines, type Totals } from './summary.ts'
import { tally } from './tally.ts'
import { layoutFor, narrowed } from './text-layout.ts'

export interface ReadOptions {
  /** A file with a key log; null for none. */
  readonly keys: string | null
  readonly json: boolean
  /** Where to write the page; null for none. */
  readonly html: string | null
}

/** What the observations become on stdout. */
interface View {
  of(seen: Observation): string
  summary(totals: Totals): string
}

/**
 * Reads a capture and shows on stdout what is in it, as it comes. Ctrl-C ends it in order.
 *
 * @param path `-` for stdin
 * @throws {ChatError} `usage`; `unreadable`; `bad-capture`; `unwritable`, `disk-full` for the page
 */
export async function runRead(path: string, { keys: keyFile, json, html }: ReadOptions): Promise<void> {
  if (html === '-') throw new ChatError('usage', '--html names a file: stdout has the summary, or the JSON')
  const keys = secretsOf(keyFile === null ? '' : await readKeyLog(keyFile))
  const input = await openCapture(path)
  const page = html === null ? null : await openPage(html, path)
  quietPipe()
  const stopped = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopped.abort())
  addAbortSignal(stopped.signal, input)

  const counted = tally()
  let output = ''
  const reader = captureReader(keys, seen => {
    counted.add(seen)
    page?.see(seen)
    output += view.of(seen)
  })
  const view = json ? jsonView() : textView(() => reader.start, page === null)

  /** Whoever reads the output sets the pace. */
  async function write(): Promise<void> {
    const text = output
    output = ''
    if (text !== '' && !process.stdout.write(text)) await once(process.stdout, 'drain', { signal: stopped.signal })
  }

  async function readAll(): Promise<void> {
    try {
      for await (const chunk of chunksOf(input, path)) {
        page?.push(chunk)
        reader.push(chunk)
        await write()
      }
      page?.end('end')
      reader.end()
    } catch (error) {
      if (!stopped.signal.aborted) throw error
      page?.end('stop')
      reader.stop()
    }
  }

  try {
    await readAll()
    page?.write()
  } catch (error) {
    rethrowUnless(error, 'bad-capture')
    const name = path === '-' ? 'standard input' : path
    throw new ChatError(error.code, `${name}: ${error.message}`, { cause: error, hint: error.hint })
  } finally {
    await page?.close()
  }
  const { packets, connections, headless } = reader
  output += view.summary({ packets, connections, headless, tally: counted, keys, keyFile, page: html })
  process.stdout.write(output)
}

/** The page calls the capture by the last part of its path. */
async function openPage(html: string, path: string): Promise<PageFile> {
  const { openPageFile } = await import('../page/page-file.ts')
  return openPageFile(html, path === '-' ? 'standard input' : basename(path))
}

function jsonView(): View {
  const events = jsonEvents(nameBook())
  return { of: seen => jsonLine(events.of(seen)), summary: totals => jsonLine(summaryEvent(totals)) }
}

/** @param withLadder false: the page has it */
function textView(start: () => bigint | null, withLadder: boolean): View {
  const colours = colourFor(process.stdout)
  const layout = () => layoutFor(process.stdout.columns)
  const drawn = ladder({ colours, names: nameBook(), layout, start })
  const text = (lines: readonly string[]) =>
    narrowed(lines.map(line => `${line.trimEnd()}\n`).join(''), layout().width, process.stdout.columns)
  return {
    of: seen => (withLadder ? text(drawn.lines(seen)) : ''),
    summary: totals => text(summaryLines(totals, colours, layout().width)),
  }
}
