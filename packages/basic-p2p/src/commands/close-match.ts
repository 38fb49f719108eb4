/** Words further apart than that are different words. */
const MOST_SLIPS = 2

/**
 * How many slips of the hand make one word of the other: a letter too much, missing, wrong, or two of them swapped
 * (the optimal string alignment distance).
 */
export function slips(one: string, other: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: other.length + 1 }, (_, column) => column)
  for (let row = 1; row <= one.length; row++) {
    const present = [row]
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1]
      let least = Math.min(at(last, column) + 1, at(present, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1))
      if (row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]) {
        least = Math.min(least, at(beforeLast, column - 2) + 1)
      }
      present.push(least)
    }
    beforeLast = last
    last = present
  }
  return at(last, other.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity
}

/** The word that was meant, most likely: the first of those that are closest, if they are close; short ones must be closer. */
export function closeMatch(word: string, words: Iterable<string>): string | null {
  let best: string | null = null
  let least = Math.min(MOST_SLIPS, Math.floor(word.length / 2)) + 1
  for (const other of words) {
    // What differs more than that in length can not be close, and need not be compared.
    if (Math.abs(other.length - word.length) >= least) continue
    const distance = slips(word, other)
    if (distance < least) {
      least = distance
      best = other
    }
  }
  return best
}
