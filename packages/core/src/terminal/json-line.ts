/** What a terminal might obey or hide. In JSON it can only stand inside a string, where an escape means the same. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu

/** One object as one line that is safe to look at on a terminal. */
export function jsonLine(value: Record<string, unknown>): string {
  const json = JSON.stringify(value).replace(UNPRINTABLE, hidden =>
    Array.from({ length: hidden.length }, (_, i) => `\\u${hidden.charCodeAt(i).toString(16).padStart(4, '0')}`).join(
      '',
    ),
  )
  return `${json}\n`
}
