import { colourFor } from '../terminal/colour.ts'
import { isPlain } from '../terminal/is-plain.ts'
import { askDrawn, type DrawnQuestion } from './drawn-question.ts'
import { askPlain, type PlainQuestion } from './plain-question.ts'

/** The exit code after Ctrl-C, as shells give it: 128 and the number of SIGINT. */
const LEFT = 130

/** A line that a person is asked for. */
export interface TextQuestion {
  readonly message: string
  /** What an empty answer means; without it there is no answer to give by Enter alone. */
  readonly suggestion?: string | undefined
  /** Looks at an answer: null when it will do, else what is wrong with it. The question then stays. */
  readonly check?: (answer: string) => string | null | Promise<string | null>
}

/**
 * Asks for a line. Only for a terminal that nothing else uses meanwhile. Like all questions here, it does not return when
 * the person leaves with Ctrl-C or Ctrl-D: the process ends quietly, with exit code 130.
 */
export async function askText({ message, suggestion = '', check = () => null }: TextQuestion): Promise<string> {
  const meant = (answer: string) => (answer === '' ? suggestion : answer)
  const plain = {
    message: suggestion === '' ? message : `${message} (${suggestion})`,
    check: (a: string) => check(meant(a)),
  }
  return meant(await ask({ type: 'input', message, default: suggestion, validate: verdict(check) }, plain))
}

/** Asks for something that must not be seen: each character shows as an asterisk, or not at all. It may be empty. */
export function askSecret({ message, check = () => null }: Omit<TextQuestion, 'suggestion'>): Promise<string> {
  const plain = { message, secret: true, check }
  return ask({ type: 'password', message, mask: '*', validate: verdict(check) }, plain)
}

/**
 * Asks for a yes or a no, until it is one of them.
 *
 * @param enter what Enter alone means; nothing where the answer is about trust, or cannot be taken back
 */
export async function askYesNo(message: string, enter?: boolean): Promise<boolean> {
  const hint = enter === undefined ? 'y/n' : enter ? 'Y/n' : 'y/N'
  const read = (answer: string) => (answer.trim() === '' && enter !== undefined ? enter : readYesNo(answer))
  const check = (answer: string) => (read(answer) === null ? YES_OR_NO : null)
  const question = `${message} (${hint})`
  const drawn: DrawnQuestion = {
    type: 'input',
    message: question,
    theme: {
      validationFailureMode: 'clear',
      style: { message: (text, status) => colourFor(process.stdout).bold(status === 'done' ? message : text) },
    },
    transformer: (answer, { isFinal }) => (isFinal ? (read(answer) === true ? 'Yes' : 'No') : answer),
    validate: verdict(check),
  }
  return read(await ask(drawn, { message: question, check })) === true
}

/** One of the answers to a question. */
export interface Choice<Answer extends string> {
  /** The answer as it is shown; the keys of its first letters go there. */
  readonly answer: Answer
  /** What it means. */
  readonly meaning: string
}

/**
 * Asks for one of some answers, which the arrow keys and the first letters choose; Enter takes it. On a plain terminal it
 * is a line with the answer, its first letters, or its number.
 */
export async function askChoice<Answer extends string>(
  message: string,
  choices: readonly Choice<Answer>[],
): Promise<Answer> {
  const listed = choices.map(({ answer, meaning }) => ({ name: answer, value: answer, description: meaning }))
  const answers = choices.map(({ answer }) => answer)
  const lines = choices.map(({ answer, meaning }, index) => `${index + 1}. ${answer}: ${meaning}`)
  const plain = {
    message: [message, ...lines, `Your answer, a word or a number:`].join('\n'),
    check: (text: string) =>
      chosen(text, answers) === null ? `answer ${answers.join(', ')}, or 1 to ${answers.length}` : null,
  }
  const text = await ask({ type: 'select', message, choices: listed }, plain)
  const answer = chosen(text, answers)
  if (answer === null) throw new Error(`${text} is not among the answers`)
  return answer
}

/** The only answer that begins with these letters, or the one with this number. */
function chosen<Answer extends string>(text: string, answers: readonly Answer[]): Answer | null {
  const word = text.trim().toLowerCase()
  const [first, second] = answers.filter(answer => word !== '' && answer.toLowerCase().startsWith(word))
  if (first !== undefined && (second === undefined || first.toLowerCase() === word)) return first
  return /^\d{1,3}$/.test(word) ? (answers[Number(word) - 1] ?? null) : null
}

function verdict(check: PlainQuestion['check']): (answer: string) => Promise<string | true> {
  return async answer => (await check(answer)) ?? true
}

function ask(drawn: DrawnQuestion, plain: PlainQuestion): Promise<string> {
  const leave = () => process.exit(LEFT)
  return isPlain() ? askPlain(plain, leave) : askDrawn(drawn, leave)
}

/** What somebody hears whose answer was neither. */
export const YES_OR_NO = 'please answer yes or no'

/** @returns what an answer to a question of yes or no says, in any case and between blanks; null for anything else */
export function readYesNo(answer: string): boolean | null {
  const word = answer.trim().toLowerCase()
  if (word === 'y' || word === 'yes') return true
  return word === 'n' || word === 'no' ? false : null
}
