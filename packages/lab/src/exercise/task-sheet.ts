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

/** The task in Markdown: the problem, what to hand in, how to check it, and hints in stages. */
export function taskSheet(exercise: Exercise, { task, hints, files }: Prepared): string {
  const { name, title, minutes, parts, script } = exercise
  const inWords = parts.some(({ form }) => form !== null)
  const handIn = [
    ...(inWords ? [`Write your answers into \`${ANSWER_FILE}\`.`] : []),
    ...(script === null ? [] : [`Write \`${script}\`: a starter is in the folder.`]),
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

From the folder where you started this exercise, as often as you like:

    chat-lab exercise check ${name}

In this folder it is \`chat-lab exercise check --folder .\`. It shows what is right and writes \`receipt.json\`, the file
that you hand in. In a checkout of the project, \`chat-lab\` is \`npx --no-install chat-lab\` or \`npm run chat-lab --\`,
here and anywhere in it. If you installed one command for everything, it is \`p2p-secure-chat lab\`.

## Hints

Each one gives more away. Think first.
${hints.map((hint, i) => `\n<details><summary>Hint ${i + 1}</summary>\n\n${filled(hint)}\n</details>\n`).join('')}`
}

/** The answers by key, as written but trimmed. Empty ones are left out. */
export type StudentAnswers = Readonly<Record<string, string>>

/** An answer file to fill in: a line `key: ` for each part that is answered in words. */
export function answerSheet(parts: readonly Part[]): string {
  const lines = parts.flatMap(({ key, asks, form }) =>
    form === null ? [] : [`# ${asks}: ${form.what}`, `${key}: `, ''],
  )
  return ['# Write each answer after its colon, on one line. Lines that begin with # are ignored.', '', ...lines].join(
    '\n',
  )
}

/**
 * Reads an answer file. Of a key that comes twice the last line counts.
 *
 * @returns the answers, and the keys that belong to none of these parts
 */
export function readAnswers(
  text: string,
  parts: readonly Part[],
): { answers: StudentAnswers; unknown: readonly string[] } {
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
