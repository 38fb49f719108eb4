import type { Part } from './exercise.ts'

/** Answers as somebody wrote them: what stands behind each key, trimmed; none that is empty. */
export type Answers = Readonly<Record<string, string>>

/** An answer file to fill in: a line `key: ` for each part that is answered in words. */
export function answerSheet(parts: readonly Part[]): string {
  const lines = parts.flatMap(({ key, asks, form }) =>
    form === null ? [] : [`# ${asks}: ${form.what}`, `${key}: `, ''],
  )
  return ['# Write each answer behind its colon, on one line. What begins with # does not count.', '', ...lines].join(
    '\n',
  )
}

/**
 * Reads an answer file. Of a key that comes twice the last line counts.
 *
 * @returns the answers, and the keys that are none of these parts
 */
export function readAnswers(text: string, parts: readonly Part[]): { answers: Answers; unknown: readonly string[] } {
  const known = new Set(parts.flatMap(({ key, form }) => (form === null ? [] : [key])))
  const answers: Record<string, string> = {}
  const unknown: string[] = []
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue
    const colon = line.indexOf(':')
    const key = line.slice(0, Math.max(colon, 0)).trim().toLowerCase()
    const value = line.slice(colon + 1).trim()
    if (!known.has(key)) unknown.push(key === '' ? line.trim() : key)
    else if (value !== '') answers[key] = value
  }
  return { answers, unknown }
}
