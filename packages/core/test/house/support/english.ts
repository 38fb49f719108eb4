/** One way of writing that the project does without, and what a native speaker writes instead. */
export interface Pattern {
  readonly name: string
  readonly find: RegExp
  readonly better: string
}

/** For prose without code: a NUL is one character of code, a blank any white space. */
export const PATTERNS: readonly Pattern[] = [
  { name: 'whoever', find: /\bwho(?:m|se)?ever\b/gi, better: 'name the person: "anyone who", "a caller who"' },
  {
    name: 'Who as a statement',
    find: /(?<=^|[.!;:|]\s+|\n\s*\n\s*|\0\s*)Who (?:does not |never |only )?(?!is\b|was\b)\w+s\b(?! what\b)(?:[\s,]+(?!(?:and )?(?:whom|when)\b|and who\b)[^\s.:!?\0|]+){4,}[.!;:|\0]/g,
    better: '"Anyone who ...", "A caller who ..."',
  },
  {
    name: 'who without a noun',
    find: /\b(?:of|to|by|from|with|for|than|and|or) who (?:has|can|(?:call|talk|send|read|know|run|sit|take|want|goe|come|hold|ask|answer|get|look|watche|listen|say)s|wrote)\b/g,
    better: 'name the person: "the caller", "a reader who ..."',
  },
  { name: 'what is no', find: /\bwhat is no\b(?! longer| more)/gi, better: '"anything that is not a ..."' },
  { name: 'what stands', find: /\bwhat (?:stands|lies)\b/gi, better: '"the text at ...", "what is in ..."' },
  { name: 'anew', find: /\banew\b/gi, better: '"again", or a verb such as "regenerate"' },
  {
    name: 'is none',
    find: /(?<!\bthere )\b(?:is|are|was|were) none\b/gi,
    better: '"is not a ...", "is invalid", "there is no ..."',
  },
  {
    name: 'is told',
    find: /\b(?:is|are|was|were) (?:not |never |also |then |only )?told\b(?! apart)/gi,
    better: 'name who tells: "the client reports", "the directory notifies"',
  },
  {
    name: 'is said',
    find: /(?<!\bwhat )\b(?:is|are|was|were) (?:not |never |also |then |only )?said\b/gi,
    better: '"the conversation", "a text", or name who says it: "the client reports"',
  },
  {
    name: 'is asked',
    find: /\b(?:is|are) (?:not |never |also |then |only )?asked\b(?! for)/gi,
    better: 'name who asks: "the client asks for ..."',
  },
  { name: 'in the end', find: /\bin the end\b/gi, better: '"finally", or leave it out' },
  {
    name: 'in order',
    find: /\b(?:end|close|leave|stop)(?:s|d|ed)? in order\b(?! to)|\bleft in order\b/gi,
    better: '"cleanly"',
  },
  { name: 'so many', find: /\bso many\b(?![\w\s]{1,40}\bthat\b)/gi, better: '"that many", "this number of"' },
  { name: 'by and by', find: /\bby and by\b/gi, better: '"gradually"' },
  { name: 'the present one', find: /\b(?:the|its|his|her|their) present \w/gi, better: '"current"' },
  { name: 'another than', find: /\banother(?: \w+)? than\b/gi, better: '"other than", "different from"' },
  { name: 'is another one', find: /\b(?:is|are) (?:another one|other ones)\b/gi, better: '"differs", "is different"' },
  { name: 'thereby', find: /\b(?:there|where|here)(?:by|with|upon)\b/gi, better: '"which ...", "so"' },
  {
    name: 'has not',
    find: /\b(?:has|have) not\b(?=[.,;:)\0])|\b(?:has|have) not got\b/gi,
    better: '"lacks", "does not have"',
  },
  {
    name: 'what comes of',
    find: /\bwhat\b[^.?!\0]{0,20} (?:be)?(?:came|comes?) of\b/gi,
    better: '"the result of", "what happens to"',
  },
  {
    name: 'hold against',
    find: /\bhold(?:s|ing)? (?!against|out|up)[^.?!\0]{0,60}\bagainst\b/gi,
    better: '"compare ... with", "check ... against"',
  },
  {
    name: 'tries on',
    find: /\bgo(?:es)? on trying\b|\b(?:is|are) tried (?:again|on)\b/gi,
    better: '"retries", "keeps retrying"',
  },
]

/** Finds the patterns in the prose of a file: a line for each, with its place, its words and better ones. */
export function englishFaults(path: string, source: string): string[] {
  const prose = proseOf(path, source)
  const faults = PATTERNS.flatMap(({ name, find, better }) =>
    [...prose.matchAll(acrossLines(find))].map(({ 0: found, index }) => ({ index, name, better, found })),
  )
  return faults
    .toSorted((a, b) => a.index - b.index)
    .map(({ index, name, better, found }) => {
      const line = prose.slice(0, index).split('\n').length
      const words = found.replace(/[\s\0]+/g, ' ').trim()
      return `${path}:${line}: "${words.length > 60 ? `${words.slice(0, 60)}...` : words}" (${name}); better: ${better}`
    })
}

/** The same, where a blank may be the end of a line. */
const acrossLines = ({ source, flags }: RegExp) => new RegExp(source.replaceAll(' ', String.raw`\s+`), flags)

/** The prose of a file: its text with all code replaced by NULs, so that every word keeps its line. */
export function proseOf(path: string, source: string): string {
  if (/\.[cm]?[jt]s$/.test(path)) return withoutCode(source, SCRIPT)
  if (path.endsWith('.lua')) return withoutCode(source, LUA)
  if (path.endsWith('.py')) return withoutCode(source, PYTHON)
  const struck = source.replace(/^```[^]*?^```|<!--[^]*?-->|<(?:script|style)[^]*?<\/(?:script|style)>/gm, strike)
  return withoutInlineCode(struck)
}

const strike = (code: string) => code.replace(/[^\n]/g, '\0')

/** A name between backquotes is code, and a word of the sentence around it. */
const withoutInlineCode = (prose: string) =>
  prose.replace(/`(?:[^`\n]|\n(?!\s*\n))+`/g, name => name.replace(/[^\n]/g, '_'))

/** How to read a language: what can be a comment, a string or a brace, and what marks a comment in each of its lines. */
interface Language {
  readonly token: RegExp
  readonly mark: RegExp
}

const STRINGS = /'(?:\\[^]|[^'\\\n])*'|"(?:\\[^]|[^"\\\n])*"/.source

const SCRIPT: Language = {
  token: new RegExp(
    String.raw`\/\/[^\n]*|\/\*[^]*?\*\/|${STRINGS}|(?<=[(,=:[!&|?{};+>\n]\s*|return )\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/|[\`{}]`,
    'g',
  ),
  mark: /^\s*(?:\/\/|\/?\*+\/?)|\*\/$/gm,
}
const LUA: Language = {
  token: new RegExp(String.raw`--\[\[[^]*?\]\]|--[^\n]*|\[\[[^]*?\]\]|${STRINGS}`, 'g'),
  mark: /^\s*--(?:\[\[)?/gm,
}
const PYTHON: Language = { token: new RegExp(String.raw`#[^\n]*|"""[^]*?"""|${STRINGS}`, 'g'), mark: /^\s*#/gm }

/** Keeps comments and the insides of strings and templates. */
function withoutCode(source: string, { token, mark }: Language): string {
  let prose = ''
  let at = 0
  const keep = (text: string) => {
    prose += text
    at += text.length
  }
  // How many braces are open in the code, and how many were open where each template around it began.
  let braces = 0
  const templates: number[] = []
  const template = () => {
    const [text = ''] = /^(?:\\[^]|[^`\\$]|\$(?!\{))*/.exec(source.slice(at)) ?? []
    keep(text)
    if (source[at] === '$') {
      templates.push(braces)
      keep('\0\0')
    } else keep('\0')
  }
  while (at < source.length) {
    token.lastIndex = at
    const found = token.exec(source)
    if (found === null) {
      keep(strike(source.slice(at)))
      break
    }
    keep(strike(source.slice(at, found.index)))
    const [text] = found
    if (text === '`') {
      keep('\0')
      template()
    } else if (text === '{') {
      braces += 1
      keep('\0')
    } else if (text === '}') {
      keep('\0')
      if (templates.at(-1) === braces) {
        templates.pop()
        template()
      } else braces -= 1
    } else if (/^['"]/.test(text)) keep(`\0${text.slice(1, -1).replace(/\\n/g, '\0\0')}\0`)
    else if (text.startsWith('/') && !/^\/[/*]/.test(text)) keep(strike(text))
    else keep(withoutInlineCode(text.replace(mark, marked => marked.replace(/[^\n]/g, ' '))))
  }
  return prose
}
