import type { Place } from './line-layout.ts'

/** How long a terminal must keep its width until anything is drawn again, in milliseconds. */
const QUIET = 50

/** How long that is waited for while a window is dragged on and on, in milliseconds. */
const MOST_DELAY = 1_000

/** Where the cursor may be since the width changed. Its rows count from the first one that has to be drawn again. */
export interface PossiblePlaces {
  /** If the terminal left all rows as they were. */
  readonly kept: Place
  /** If it wrapped the line again. */
  readonly wrapped: Place
  /** The row of the screen where the cursor was, and is if all rows were left alone; null if that is not known. */
  readonly screenRow: number | null
}

export interface ResizingOptions {
  readonly places: () => PossiblePlaces
  /** Asks the terminal where its cursor is; null when it does not say. */
  readonly askCursor: (take: (place: Place | null) => void) => void
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
export function resizing({ places, askCursor, settle }: ResizingOptions): Resizing {
  /** When it began; null while all is settled. */
  let since: number | null = null
  let timer: NodeJS.Timeout | undefined
  /** The answer to an earlier question is about an earlier width. */
  let latest = 0

  function finish(cursor: Place | null | undefined): void {
    const { kept, wrapped, screenRow } = places()
    clearTimeout(timer)
    latest += 1
    since = null
    settle(rowOf(kept, wrapped, screenRow, cursor))
  }

  function ask(): void {
    const { kept, wrapped } = places()
    if (kept.row === wrapped.row) return finish(undefined)
    latest += 1
    const question = latest
    askCursor(cursor => {
      if (question === latest) finish(cursor)
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
      timer = setTimeout(ask, performance.now() - since > MOST_DELAY ? 0 : QUIET)
    },
    settleNow() {
      if (since !== null) finish(undefined)
    },
  }
}

/** @param cursor null when the terminal does not say, undefined when it was not asked */
function rowOf(kept: Place, wrapped: Place, screenRow: number | null, cursor: Place | null | undefined): number {
  const least = Math.min(kept.row, wrapped.row)
  if (cursor === undefined) return least
  // Such simple terminals do not wrap again.
  if (cursor === null) return kept.row
  if (cursor.column === wrapped.column && cursor.column !== kept.column) return wrapped.row
  // Some wrap again and leave the cursor in its column; but then it is in another row.
  return cursor.column === kept.column && cursor.row === screenRow ? kept.row : least
}
