import { colourFor } from './colour.ts'

/** The exit code of who leaves with Ctrl-C, as shells give it: 128 and the number of SIGINT. */
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
 * Asks for a line. Only for a terminal that nothing else uses meanwhile. Like all questions here, it does not return to
 * who leaves it with Ctrl-C or Ctrl-D: the process ends quietly, with exit code 130.
 */
export function askText({ message, suggestion, check }: TextQuestion): Promise<string> {
  return ask({ type: 'input', message, default: suggestion, validate: verdict(check) })
}

/** Asks for something that must not be seen: each character shows as an asterisk. It may be empty. */
export function askSecret({ message, check }: Omit<TextQuestion, 'suggestion'>): Promise<string> {
  return ask({ type: 'password', message, mask: '*', validate: verdict(check) })
}

/** Asks for a yes or a no. @param enter what Enter alone means */
export function askYesNo(message: string, enter = true): Promise<boolean> {
  return ask({ type: 'confirm', message, default: enter })
}

/** One of the answers to a question. */
export interface Choice<Answer extends string> {
  /** The answer as it is shown; the keys of its first letters go there. */
  readonly answer: Answer
  /** What it means, shown while it is the one that Enter takes. */
  readonly meaning: string
}

/** Asks for one of some answers, which the arrow keys and the first letters choose; Enter takes it. */
export function askChoice<Answer extends string>(message: string, choices: readonly Choice<Answer>[]): Promise<Answer> {
  const listed = choices.map(({ answer, meaning }) => ({ name: answer, value: answer, description: meaning }))
  return ask<Answer>({ type: 'select', message, choices: listed })
}

function verdict(check: TextQuestion['check']): (answer: string) => Promise<string | true> {
  return async answer => (await check?.(answer)) ?? true
}

interface Question {
  readonly type: 'input' | 'password' | 'confirm' | 'select'
  readonly message: string
  readonly default?: string | boolean | undefined
  readonly mask?: string
  readonly validate?: (answer: string) => Promise<string | true>
  readonly choices?: readonly { readonly name: string; readonly value: string; readonly description: string }[]
}

async function ask<Answer extends string | boolean>(question: Question): Promise<Answer> {
  // The library asks the environment alone, and does so when it loads.
  if (colourFor(process.stdout).level === 0) process.env['NO_COLOR'] = '1'
  const { default: inquirer } = await import('inquirer')
  const left = new AbortController()
  const leave = () => left.abort()
  const prompt = inquirer.createPromptModule({ signal: left.signal })
  // Ctrl-D closes the line without an answer, which the library would wait for until the process runs dry.
  process.stdin.once('pause', leave)
  try {
    const { answer } = await prompt<{ answer: Answer }>([{ ...question, name: 'answer' }])
    return answer
  } catch (error) {
    if (error instanceof Error && /^(?:Exit|Abort)PromptError$/.test(error.name)) process.exit(LEFT)
    throw error
  } finally {
    process.stdin.off('pause', leave)
  }
}
