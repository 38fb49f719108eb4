import type { CursorReports } from './cursor-report.ts'
import type { Place } from './line-layout.ts'

/**
 * How long a terminal must keep its width until anything is drawn again, in milliseconds: tmux tells a program of a new
 * width up to 250 ms after the rows have it.
 */
const QUIET = 300

/** How long that is waited for while a window is dragged on and on, in milliseconds. */
const MOST_DELAY = 3_000

/** A place, and how many of the rows above it are of the same line. */
interface PossiblePlace extends Place {
  readonly inLine: number
}

/** Where the cursor may be since the width changed. Its rows count from the first one that has to be drawn again. */
export interface PossiblePlaces {
  /** If the terminal left all rows as they were. */
  readonly kept: PossiblePlace
  /** If it wrapped the line again. */
  readonly wrapped: PossiblePlace
}

export interface ResizingOptions {
  readonly places: () => PossiblePlaces
  /** The terminal, as far as it says where its cursor is. */
  readonly reports: Pick<CursorReports, 'ask' | 'silent'>
  /** Moves the cursor to the beginning of its row, or to the end of the row above where that is the same line. */
  readonly stepBack: () => void
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
 * cannot be told, the smaller move upwards is taken, which never erases what stands above.
 */
export function resizing({ places, reports, stepBack, settle }: ResizingOptions): Resizing {
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

  function ask(take: (cursor: Place | null) => void): void {
    latest += 1
    const question = latest
    reports.ask(cursor => void (question === latest && take(cursor)))
  }

  function look(): void {
    const { kept, wrapped } = places()
    if (kept.row === wrapped.row) return finish(kept.row)
    ask(cursor => {
      // A terminal that never answers is too simple to wrap again.
      if (cursor === null) return finish(reports.silent ? kept.row : Math.min(kept.row, wrapped.row))
      if (cursor.column === wrapped.column && cursor.column !== kept.column) return finish(wrapped.row)
      // The column may be the same in both cases: then it counts how far up the line goes.
      const rows = Math.max(kept.inLine, wrapped.inLine)
      for (let i = 0; i < rows; i += 1) stepBack()
      ask(back => {
        const moved = back === null ? 0 : cursor.row - back.row
        const fitting = [kept, wrapped].filter(({ inLine }) => inLine === moved)
        const [row = 0] = (fitting.length > 0 ? fitting : [kept, wrapped])
          .map(place => place.row)
          .toSorted((a, b) => a - b)
        finish(Math.max(0, row - moved))
      })
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
