const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB']

/** Says a number of bytes as people do: `999 bytes`, `1.2 MB`. A unit is a thousand of the one before. */
export function sizeInWords(bytes: number): string {
  if (bytes < 1_000) return bytes === 1 ? '1 byte' : `${Math.round(bytes)} bytes`
  let value = bytes
  let unit = ''
  for (const next of UNITS) {
    value /= 1_000
    unit = next
    // What would be rounded up to a thousand belongs to the next unit.
    if (value < 999.95) break
  }
  return `${value.toFixed(1)} ${unit}`
}
