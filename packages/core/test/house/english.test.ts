import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { englishFaults, PATTERNS, proseOf } from './support/english.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))

/** Files that people read. */
const READ = /\.(?:md|[cm]?[jt]s|lua|html|py)$/

/** Folders of the project that have some, and what is in them for programs alone. */
const FOLDERS = ['docs', 'captures', 'packages', 'scripts', 'benchmarks']
const NOT_READ = /(?:^|\/)(?:node_modules|dist|test)(?:\/|$)/

const filesBelow = (folder: string): string[] =>
  readdirSync(`${root}${folder}`, { withFileTypes: true }).flatMap(entry => {
    const path = `${folder}/${entry.name}`
    if (NOT_READ.test(path)) return []
    return entry.isDirectory() ? filesBelow(path) : [path]
  })

const files = [...readdirSync(root).filter(file => file.endsWith('.md')), ...FOLDERS.flatMap(filesBelow)].filter(path =>
  READ.test(path),
)

test('what people read is English that a native speaker would write', () => {
  expect(files).toEqual(expect.arrayContaining(['README.md', 'docs/protocol.md', 'packages/core/README.md']))
  expect(files.flatMap(path => englishFaults(path, readFileSync(`${root}${path}`, 'utf8')))).toEqual([])
})

/** A sentence with each pattern, and the same idea as it should be. */
const PLANTED: readonly [name: string, fault: string, better: string][] = [
  ['whoever', 'Whoever calls is shown.', 'The caller is shown. Anyone who calls can wait.'],
  ['Who as a statement', 'Who calls with it refuses every other key.', 'Who calls with it? Nobody. Who sends it.'],
  ['who without a noun', 'Only for the eyes of who has the keys.', 'A list of who is online, and of people who call.'],
  ['what is no', 'It drops what is no frame.', 'It drops anything that is not a frame; what is no longer needed'],
  ['what stands', 'It changes what stands in a record.', 'It changes what is in a record.'],
  ['anew', 'It begins\nanew.', 'It begins again, renewed.'],
  ['is none', 'A line that is none is left out.', 'Where there is none, the line is invalid.'],
  ['is told', 'The other side is not told why.', 'The two cannot be told apart, and are told apart by nobody.'],
  ['is said', 'All that is said is sealed.', 'Nobody reads what they say.'],
  ['is asked', 'The user is asked first.', 'The client asks the user first.'],
  ['in the end', 'In the end it gives up.', 'Finally it gives up, at the end of the list.'],
  ['in order', 'A connection that ended in order.', 'It ended in order to free memory, and sends texts in order.'],
  ['so many', 'A prime of so many bits.', 'There are so many bits that nobody counts them.'],
  ['by and by', 'It fills by and by.', 'It fills gradually, by itself and by design.'],
  ['the present one', 'The prompt of the present conversation.', 'At present, the conversation is current.'],
  ['another than', 'It answers with another key than before.', 'Another key is better than none; other than before'],
  ['is another one', 'The key is another one.', 'The key is different; another one follows.'],
  ['thereby', 'It is read thereby.', 'It is read there by alice, whereas bob waits.'],
  ['has not', 'It needs a right that the user has not.', 'The user has not asked.'],
  ['what comes of', 'Shows what came of it.', 'Shows what came. Of course.'],
  ['hold against', 'A test holds every row against it.', 'It holds out against an attacker; holds true.'],
  ['tries on', 'It goes on trying.', 'It retries, tried once.'],
]

test('every pattern has a planted fault', () => {
  expect(PLANTED.map(([name]) => name)).toEqual(PATTERNS.map(({ name }) => name))
})

test.each(PLANTED)('%s: found in %j, not in %j', (name, fault, better) => {
  expect(englishFaults('a.md', fault)).toEqual([expect.stringContaining(`(${name}); better: `)])
  expect(englishFaults('a.md', better)).toEqual([])
})

test('a fault is shown with its line, its words and better ones', () => {
  expect(englishFaults('docs/a.md', '# A title\n\nIt begins\nanew.\n')).toEqual([
    'docs/a.md:4: "anew" (anew); better: "again", or a verb such as "regenerate"',
  ])
  expect(
    englishFaults('a.ts', '/**\n * The text was\n * said and is told\n * to all. */\nconst a = `so\nmany`'),
  ).toEqual([
    expect.stringContaining('a.ts:2: "was said" (is said)'),
    expect.stringContaining('a.ts:3: "is told" (is told)'),
    expect.stringContaining('a.ts:5: "so many" (so many)'),
  ])
})

test.each([
  ['a.ts', 'anew()\nconst x = { anew: 1 }', 'names of the code'],
  ['a.ts', 'const x = /anew/.test(y) && /["`]/.test(y)\nanew()', 'a regular expression'],
  ['a.md', 'The word `anew`, and\n\n```text\nanew\n```\n\n<!-- anew -->\n', 'code in a document'],
  ['a.lua', 'anew() -- a comment', 'names of Lua'],
  ['a.html', '<script>anew()</script>', 'a script'],
])('in %s, %j has no prose at fault: %s', (path, source) => {
  expect(englishFaults(path, source)).toEqual([])
})

test.each([
  ['a.ts', '// anew'],
  ['a.ts', "const x = 'it\\'s anew'"],
  ['a.ts', 'const x = "anew" + y / 2 / z'],
  ['a.ts', 'const x = `${y ? `b ${f({})} anew` : 1}`'],
  ['a.ts', "const x = `${y} anew`\nconst z = 'b'"],
  ['a.js', "x = /'/\ny = 'anew'"],
  ['a.lua', '-- anew'],
  ['a.lua', 'local x = "anew"'],
  ['a.html', '<p>anew</p>'],
  ['a.py', '# anew'],
  ['a.json', '{ "what": "anew" }'],
])('in %s, the prose of %j is read', (path, source) => {
  expect(englishFaults(path, source)).toHaveLength(1)
})

test('what is struck out keeps its place', () => {
  const source = 'const x = 1 // one\nconst y = `two ${x} three`\n'
  expect(proseOf('a.ts', source)).toHaveLength(source.length)
  expect(proseOf('a.ts', source).replace(/\0+/g, '~')).toBe('~   one\n~two ~ three~\n')
})
