import { rowsOf } from '@p2p-secure-chat/core/terminal/rows'
import { type Exercise, type Part, pointsOf, type Prepared } from './exercise.ts'

/** Where answers are written. */
export const ANSWER_FILE = 'ANSWER.txt'

/** Columns of a paragraph. */
const WIDTH = 100

/** Fills paragraphs; what is indented, and lists, stay as they are. */
function filled(text: string): string {
  return text
    .split('\n\n')
    .map(block =>
      /^(?: {4}|\d\. )/.test(block) ? block : rowsOf(block.replaceAll('\n', ' '), WIDTH, 'prose').join('\n'),
    )
    .join('\n\n')
}

/** The task as somebody reads it: what it is about, what to hand in, how it is checked, and help in stages. */
export function taskSheet(exercise: Exercise, { task, hints, files }: Prepared): string {
  const { name, title, minutes, parts, script } = exercise
  const inWords = parts.some(({ form }) => form !== null)
  const handIn = [
    ...(inWords ? [`Write your answers into \`${ANSWER_FILE}\`.`] : []),
    ...(script === null ? [] : [`Write \`${script}\`: its beginning is there.`]),
  ]
  const given = Object.keys(files)
  const rows = parts.map(
    ({ key, asks, form, points }) => `| \`${key}\` | ${asks} | ${form?.what ?? 'the script shows it'} | ${points} |`,
  )
  return `# ${title}

About ${minutes} minutes, ${pointsOf(exercise)} points.

${filled(task)}
${given.length === 0 ? '' : `\nIn this folder: ${given.map(file => `\`${file}\``).join(', ')}.\n`}
## Hand in

${handIn.join(' ')}

| part | what | how | points |
|---|---|---|---|
${rows.join('\n')}

## Check

From where this exercise was started, as often as you like:

    chat-lab exercise check ${name}

In this folder it is \`chat-lab exercise check --folder .\`. It says what is right, and writes \`receipt.json\`: that is what you
hand in. In a checkout of the project, \`chat-lab\` is \`npx --no-install chat-lab\`, here and anywhere in it.
\`npm run chat-lab --\` does it as well, but npm goes to the root first: there, name files from the root.

## Hints

Each says more than the one before. Think first.
${hints.map((hint, i) => `\n<details><summary>Hint ${i + 1}</summary>\n\n${filled(hint)}\n</details>\n`).join('')}`
}

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
