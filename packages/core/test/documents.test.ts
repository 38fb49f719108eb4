import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))

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
