const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Control characters other than tab and the ends of lines. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/

const DECIMAL = /^[0-9]+(?=[\r\n]*$)/

/** The bytes as text that a person could have typed; null for anything else. */
export function printedText(bytes: Uint8Array): string | null {
  try {
    const text = decoder.decode(bytes)
    return CONTROL.test(text) ? null : text
  } catch {
    return null
  }
}

/** The digits of a segment that is one decimal number and nothing else; null for any other. */
export function decimalIn(bytes: Uint8Array): string | null {
  return DECIMAL.exec(Buffer.from(bytes).toString('latin1'))?.[0] ?? null
}
