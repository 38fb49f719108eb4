/** What a terminal might obey, or show nothing of. In JSON it can only stand inside a string, where an escape means the same. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\p{DI}\u2800]/gu

/** A value as JSON that is safe to look at on a terminal. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(UNPRINTABLE, hidden =>
    Array.from({ length: hidden.length }, (_, i) => `\\u${hidden.charCodeAt(i).toString(16).padStart(4, '0')}`).join(
      '',
    ),
  )
}

/** What happens now, as `--json` tells it. */
export function eventLine(event: Readonly<Record<string, unknown>>): string {
  return jsonLine({ v: 1, at: new Date().toISOString(), ...event })
}

/** One object as one line that is safe to look at on a terminal. */
export function jsonLine(value: Record<string, unknown>): string {
  return `${printableJson(value)}\n`
}
