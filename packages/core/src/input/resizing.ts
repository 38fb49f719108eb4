import type { CursorReports } from './cursor-report.ts'
import type { CursorPlace } from './line-layout.ts'

/**
 * How long a terminal must keep its width until anything is drawn again, in milliseconds: tmux tells a program of a new
 * width up to 250 ms after the rows have it.
 */
const QUIET = 300

/** How long that is waited for while a window is dragged on and on, in milliseconds. */
const MOST_DELAY = 3_000

/**
 * Moves the cursor to the beginning of its row, or to the end of the row above where that is the same line: a backspace at
 * the beginning of a row, while it goes back over where the terminal has wrapped (xterm's mode 45).
 */
const STEP_BACK = '\r\x1b[?45h\b\x1b[?45l'

/** A place, and how many of the rows above it are of the same line. */
interface PossiblePlace extends CursorPlace {
  readonly inLine: number
}

/** Where the cursor may be since the width changed. Its rows count from the first one that has to be drawn again. */
export interface PossiblePlaces {
  /** If the terminal left all rows as they were. */
  readonly kept: PossiblePlace
  /** If it wrapped the line again. */
  readonly wrapped: PossiblePlace
  /** How many rows of the line may be above the cursor at most. */
  readonly most: number
  /** Whether the terminal takes all of it for one line. */
  readonly isOneLine: boolean
}

export interface ResizingOptions {
  readonly places: () => PossiblePlaces
  /** The terminal, as far as it says where its cursor is. */
  readonly reports: Pick<CursorReports, 'ask' | 'silent'>
  /** Draws again. @param row how many rows above the cursor that begins */
  readonly settle: (row: number) => void
}

/** What is going on since the width of the terminal changed. */
export interface Resizing {
  /** Whether it is not known where the cursor is. */
  readonly unsettled: boolean
  /** The width has changed. */
  changed(): void
  /** Settles at once, if something is unsettled. */
  settleNow(): void
}

/**
 * Finds out what a terminal has made of a line whose width changed: some wrap it again, and some leave it alone. Where that
 * cannot be told, the smaller move upwards is taken, which never erases the rows above.
 */
export function resizing({ places, reports, settle }: ResizingOptions): Resizing {
  /** When it began; null while all is settled. */
  let since: number | null = null
  let timer: NodeJS.Timeout | undefined
  /** The answer to an earlier question is about an earlier width. */
  let latest = 0

  function finish(row: number): void {
    clearTimeout(timer)
    latest += 1
    since = null
    settle(row)
  }

  function ask(take: (cursor: CursorPlace | null) => void, moves?: string): void {
    latest += 1
    const question = latest
    reports.ask(cursor => void (question === latest && take(cursor)), moves)
  }

  function look(): void {
    const { kept, wrapped, most, isOneLine } = places()
    if (kept.row === wrapped.row) return finish(kept.row)
    ask(cursor => {
      // A terminal that never answers is too simple to wrap again.
      if (cursor === null) return finish(reports.silent ? kept.row : Math.min(kept.row, wrapped.row))
      if (cursor.column === wrapped.column && cursor.column !== kept.column) return finish(wrapped.row)
      // The column may be the same in both cases: then it counts how far up the line goes.
      ask(above => {
        const counted = above === null ? 0 : cursor.row - above.row
        const fitting = [kept, wrapped].filter(({ inLine }) => inLine === counted)
        // A terminal that has had other widths since may have made something else of it.
        const isElse = fitting.length === 0 && isOneLine && counted > 0
        if (isElse) return finish(kept.row - kept.inLine + counted)
        finish(Math.min(...(fitting.length > 0 ? fitting : [kept, wrapped]).map(place => place.row)))
      }, STEP_BACK.repeat(most))
    })
  }

  return {
    get unsettled() {
      return since !== null
    },
    changed() {
      clearTimeout(timer)
      latest += 1
      since ??= performance.now()
      const change = latest
      // Another change may have come meanwhile, and is heard of first.
      const lookIfLatest = () => void (change === latest && look())
      timer = setTimeout(() => setImmediate(lookIfLatest), performance.now() - since > MOST_DELAY ? 0 : QUIET)
    },
    settleNow() {
      if (since === null) return
      const { kept, wrapped } = places()
      finish(Math.min(kept.row, wrapped.row))
    },
  }
}
