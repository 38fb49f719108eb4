/** The time that all searches have together. */
export interface SearchTime {
  /** Begins it, if it has not begun. */
  begin(): void
  /** Aborts when it is up. */
  readonly signal: AbortSignal
  /** Nobody waits for it any more. */
  end(): void
}

/** Time that begins with the first search: reading a large capture takes none of it. */
export function searchTime(milliseconds: number): SearchTime {
  const up = new AbortController()
  let timer: NodeJS.Timeout | undefined
  return {
    signal: up.signal,
    begin() {
      timer ??= setTimeout(() => up.abort(), milliseconds)
    },
    end: () => clearTimeout(timer),
  }
}
