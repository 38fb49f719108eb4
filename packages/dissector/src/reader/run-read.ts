import { basename } from 'node:path'
import { addAbortSignal } from 'node:stream'
import { ChatError, rethrowUnless } from '@p2p-secure-chat/core/errors'
import { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import { quietPipe } from '@p2p-secure-chat/core/terminal/quiet-pipe'
import { type Reporter, reporter } from '@p2p-secure-chat/core/terminal/reporter'
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

/** Shows what is seen on stdout. */
interface View {
  show(seen: Observation): void
  end(totals: Totals): void
}

/**
 * Reads a capture and shows its content on stdout as it comes. Ctrl-C ends it cleanly.
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
  const report = reporter({ json, batched: true })
  const reader = captureReader(keys, seen => {
    counted.add(seen)
    page?.see(seen)
    view.show(seen)
  })
  const view = json ? jsonView(report) : textView(report, () => reader.start, page === null)

  async function readAll(): Promise<void> {
    try {
      for await (const chunk of chunksOf(input, path)) {
        page?.push(chunk)
        reader.push(chunk)
        await report.drained(stopped.signal)
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
  view.end({ packets, connections, headless, tally: counted, keys, keyFile, page: html })
}

/** The page calls the capture by the last part of its path. */
async function openPage(html: string, path: string): Promise<PageFile> {
  const { openPageFile } = await import('../page/page-file.ts')
  return openPageFile(html, path === '-' ? 'standard input' : basename(path))
}

function jsonView(report: Reporter): View {
  const events = jsonEvents(nameBook())
  return { show: seen => report.result(events.of(seen)), end: totals => report.result(summaryEvent(totals)) }
}

/** @param withLadder false: the page has it */
function textView(report: Reporter, start: () => bigint | null, withLadder: boolean): View {
  const colours = colourFor(process.stdout)
  const layout = () => layoutFor(process.stdout.columns)
  const drawn = ladder({ colours, names: nameBook(), layout, start })
  const print = (lines: readonly string[]) => {
    const { width } = layout()
    report.print(...lines.map(line => narrowed(line.trimEnd(), width, process.stdout.columns)))
  }
  return {
    show: seen => withLadder && print(drawn.lines(seen)),
    end: totals => print(summaryLines(totals, colours, layout().width)),
  }
}
