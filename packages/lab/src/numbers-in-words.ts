/** `1,234,567` */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** A number given as a power of two, with an exponent that is exact enough for the two digits: `2^138.74 (5.8e+41)`. */
export function powerOfTwo(log2: number): string {
  const shown = Number(log2.toFixed(2))
  return `2^${shown} (${scientific(shown)})`
}

/** Two digits of a number given as a power of two, however large: `1.0e+34`. */
export function scientific(log2: number): string {
  const log10 = log2 * Math.log10(2)
  const exponent = Math.floor(log10)
  const digits = (10 ** (log10 - exponent)).toFixed(1)
  // 9.96 rounds up to the next power.
  return digits === '10.0' ? `1.0e+${exponent + 1}` : `${digits}e${exponent < 0 ? '' : '+'}${exponent}`
}

/** A time that people can imagine: `3 ms`, `0.21 s`, `5 minutes`, `3 years`. */
export function duration(seconds: number): string {
  if (seconds < 0.1) return `${(1_000 * seconds).toFixed(0)} ms`
  if (seconds < 100) return `${seconds.toFixed(seconds < 10 ? 2 : 0)} s`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} minutes`
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} hours`
  if (seconds < 2 * 365.25 * 86_400) return `${Math.round(seconds / 86_400)} days`
  return `${count(seconds / (365.25 * 86_400))} years`
}
