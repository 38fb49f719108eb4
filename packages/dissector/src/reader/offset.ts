const SECOND = 1_000_000_000n

/** Seconds from `start` to `time` with so many digits behind the point, cut off; `-` where a time is not known. */
export function offsetText(time: bigint | null, start: bigint | null, digits: number): string {
  if (time === null || start === null) return '-'
  const apart = time < start ? start - time : time - start
  const fraction = String(apart % SECOND)
    .padStart(9, '0')
    .slice(0, digits)
  return `${time < start ? '-' : ''}${apart / SECOND}.${fraction}`
}

/** A time as ISO 8601 with nanoseconds; null where it is not known, or no year with four digits. */
export function isoTime(time: bigint | null): string | null {
  if (time === null) return null
  const seconds = time / SECOND - (time % SECOND < 0n ? 1n : 0n)
  const date = new Date(Number(seconds) * 1_000)
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9_999 || date.getUTCFullYear() < 0) return null
  return `${date.toISOString().slice(0, -5)}.${String(time - seconds * SECOND).padStart(9, '0')}Z`
}
