const NO_CELL = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]$/u

const TWO_CELLS =
  /^[\p{EPres}\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]$/u

/** How many cells present terminals give a character; the one that the tests use knows no emoji by itself. */
export function cellWidth(codePoint: number): 0 | 1 | 2 {
  if (codePoint >= 0x20 && codePoint < 0x7f) return 1
  const character = String.fromCodePoint(codePoint)
  if (NO_CELL.test(character)) return 0
  return TWO_CELLS.test(character) ? 2 : 1
}
