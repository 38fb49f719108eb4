import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { screenBlockFaults } from './support/screen-blocks.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))

const packages = readdirSync(join(root, 'packages'))
const readmes = packages.map(name => `packages/${name}/README.md`)
const documents = ['.', 'docs', 'captures']
  .flatMap(folder => readdirSync(join(root, folder)).map(file => join(folder, file)))
  .filter(file => file.endsWith('.md'))
  .concat(readmes)

const linksOf = (document: string) =>
  [...readFileSync(join(root, document), 'utf8').matchAll(/\]\(([^)#]+)\)/g)].map(([, link = '']) => link)

test.each(documents)('every link of %s leads somewhere', document => {
  const local = linksOf(document).filter(link => !/^https?:/.test(link))
  expect(local.filter(link => !existsSync(join(root, dirname(document), link)))).toEqual([])
})

/** What a fragment of an address can name. */
const anchorsOf = (document: string) =>
  [...readFileSync(join(root, document), 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s-]/gu, '')
      .replace(/\s/g, '-'),
  )

test.each(documents)('every link of %s to a part of a document leads to a heading', document => {
  const links = [...readFileSync(join(root, document), 'utf8').matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g)]
  const wrong = links.filter(([, file = '', anchor = '']) => {
    const target = file === '' ? document : join(dirname(document), file)
    return !anchorsOf(target).includes(anchor)
  })
  expect(wrong.map(([link]) => link)).toEqual([])
})

test('README.md can be read in one sitting', () => {
  expect((readFile('README.md') ?? '').split(/\s+/).length).toBeLessThanOrEqual(1_500)
})

test.each(documents)('no heading of %s is empty', document => {
  const text = readFileSync(join(root, document), 'utf8').replace(/^```[^]*?^```/gm, 'code')
  // Under a heading may stand a smaller one, but none of its own size or larger.
  const empty = [...text.matchAll(/^(#+) (.*)\n\s*(?=(#+) |(?![^]))/gm)].filter(
    ([, marks = '', , next = '']) => next.length <= marks.length,
  )
  expect(empty.map(([, , heading]) => heading)).toEqual([])
})

test.each(['basic-p2p', 'dissector', 'lab'])('docs/architecture.md has each room of %s in its table, once', name => {
  const rows = (readFile('docs/architecture.md') ?? '').split('\n').filter(line => line.startsWith('| ['))
  const shown = rows.flatMap(row => [...row.matchAll(new RegExp(`packages/${name}/src/([\\w-]+)\\)`, 'g'))])
  const rooms = readdirSync(join(root, 'packages', name, 'src'), { withFileTypes: true })
    .filter(entry => entry.isDirectory() && entry.name !== 'bin')
    .map(entry => entry.name)
  expect(shown.map(([, room = '']) => room).toSorted()).toEqual(rooms.toSorted())
})

const readFile = (path: string) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : null)

test.each(documents)('the screens in %s are those that the programs show', document => {
  expect(screenBlockFaults(readFile(document) ?? '', readFile)).toEqual([])
})

test('a screen that is not what its file is, is found', () => {
  const files = new Map([['a/b.txt', 'one\n\ntwo\n']])
  const faults = (document: string) => screenBlockFaults(document, path => files.get(path) ?? null)
  const shown = (path: string, block: string) =>
    `Text.\n\n<!-- screen: ${path} -->\n\n\`\`\`text\n${block}\`\`\`\n\nMore.\n`
  expect(faults('Text.\n\n```text\none\n```\n')).toEqual([])
  expect(faults(shown('a/b.txt', 'one\n\ntwo\n'))).toEqual([])
  expect(faults(shown('a/b.txt', 'one\ntwo\n'))).toEqual(['a/b.txt has changed'])
  expect(faults(shown('a/b.txt', 'one\n\ntwo\n') + shown('a/b.txt', ''))).toEqual(['a/b.txt has changed'])
  expect(faults(shown('a/c.txt', 'one\n'))).toEqual(['a/c.txt does not exist'])
  expect(faults('<!-- screen: a/b.txt -->\n\nText.\n\n```text\none\n\ntwo\n```\n')).toEqual([
    'a/b.txt is announced and not shown',
  ])
})

test.each(readmes)('%s has the six headings', readme => {
  const headings = readFileSync(join(root, readme), 'utf8').match(/^## .*$/gm)
  expect(headings).toEqual([
    '## What is new',
    '## Run it',
    '## What the wire shows',
    '## Read in this order',
    '## Break it',
    '## What is still missing',
  ])
})
