import { once } from 'node:events'
import { jsonLine } from './json-line.ts'
import { linesFor } from './wrap-lines.ts'

/** Something that happens, as a program reads it. */
export interface ReportedEvent {
  readonly event: string
  readonly [field: string]: unknown
}

/** How a command speaks: on stdout to a person in lines or to a program in JSON, and on stderr in notes for a person. */
export interface Reporter {
  /** Whether stdout is for a program. */
  readonly json: boolean
  /**
   * Reports what happens now: `{v, event, at, ...}` on one line, or the lines.
   *
   * @param lines the same for a person: without newlines, made printable, possibly coloured; none where only a program
   * wants to know
   */
  event(event: ReportedEvent, ...lines: readonly string[]): void
  /** Reports a result, which has no time: `{v, ...}` on one line, or the lines. */
  result(result: object, ...lines: readonly string[]): void
  /** Lines that only a person needs, such as a heading. */
  print(...lines: readonly string[]): void
  /** A remark on stderr: `note: ...`. @param text made printable */
  note(text: string): void
  /**
   * Settles once the reader of stdout has caught up, and is undefined if nothing waits for it. A command that reports
   * more than a screen awaits it between results (backpressure).
   */
  drained(signal?: AbortSignal): Promise<unknown> | undefined
}

export interface ReporterOptions {
  /** The `--json` of the command. */
  readonly json?: boolean | undefined
  /** The `--quiet` of the command: no notes. */
  readonly quiet?: boolean | undefined
  /**
   * Writes what is reported within one turn of the event loop in one piece, since a write costs more than a line. Only for
   * many lines: notes may overtake them.
   */
  readonly batched?: boolean
}

export function reporter({ json = false, quiet = false, batched = false }: ReporterOptions = {}): Reporter {
  let waiting = ''

  function flush(): void {
    process.stdout.write(waiting)
    waiting = ''
  }

  function write(text: string): void {
    if (text === '') return
    if (!batched) return void process.stdout.write(text)
    if (waiting === '') process.nextTick(flush)
    waiting += text
  }

  const print = (lines: readonly string[]) => write(lines.map(line => `${line}\n`).join(''))

  return {
    json,
    event({ event, ...fields }, ...lines) {
      if (json) write(jsonLine({ v: 1, event, at: new Date().toISOString(), ...fields }))
      else print(lines)
    },
    result(result, ...lines) {
      if (json) write(jsonLine({ v: 1, ...result }))
      else print(lines)
    },
    print: (...lines) => void (json || print(lines)),
    note: text => void (quiet || process.stderr.write(`${linesFor(process.stderr, `note: ${text}`)}\n`)),
    drained: signal => (process.stdout.writableNeedDrain ? once(process.stdout, 'drain', { signal }) : undefined),
  }
}
