import { mkdir, mkdtemp, opendir, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import { commonCommands } from '../../src/commands/common-commands.ts'
import { completions } from '../../src/commands/completions.ts'
import { readPath, writePath } from '../../src/commands/path-argument.ts'
import type { DirectoryClient } from '../../src/directory/directory-client.ts'

vi.mock('node:fs/promises', async load => {
  const actual = await load<typeof import('node:fs/promises')>()
  return { ...actual, opendir: vi.fn(actual.opendir) }
})

const ask: (prefix: string) => string[] = prefix => ['alice', 'bob', 'bobby'].filter(name => name.startsWith(prefix))
const directory: Pick<DirectoryClient, 'who'> = {
  who: prefix => Promise.resolve({ users: ask(prefix).map(name => ({ name })), next: null }),
}

async function offered(before: string, from: Pick<DirectoryClient, 'who'> = directory): Promise<string[]> {
  const { word, choices } = await completions(before, {
    name: 'alice',
    commands: commonCommands,
    directory: from,
    engine: { open: ['bob', 'carol'], calling: ['boris'] },
    names: () => ['bonnie'],
  })
  expect(before.endsWith(word)).toBe(true)
  return choices.map(({ text }) => text)
}

/** A folder with these files and, where a name ends with a slash, folders. */
async function folderOf(...names: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'completions-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  for (const name of names) {
    if (name.endsWith('/')) await mkdir(join(folder, name))
    else await writeFile(join(folder, name), '')
  }
  return folder
}

test.each([
  ['/qu', ['/quit ']],
  ['/chat bo', ['bob ', 'bobby ']],
  ['/chat  BO', ['bob ', 'bobby ']],
  [' /QU', ['/quit ']],
  [' /CHAT bo', ['bob ', 'bobby ']],
  ['/msg bo', ['bob ', 'bobby ']],
  ['/msg bob bo', []],
  ['/leave b', ['bob ', 'boris ']],
  ['/switch b', ['bob ']],
  ['/help sw', ['switch ']],
  ['/help /sw', ['/switch ']],
  ['/set ti', ['title ', 'times ']],
  ['/set times o', ['on ', 'off ']],
  ['/quit b', []],
  ['/chat ali', []],
  ['/nonsense b', []],
  ['hello bo', []],
  ['//chat bo', []],
])('after %j Tab offers %j', async (before, texts) => {
  expect(await offered(before)).toEqual(texts)
})

test('names that were heard of are offered when the directory is slow, gone or not there yet', async () => {
  expect(await offered('/chat bo', { who: () => new Promise(() => {}) })).toEqual(['bonnie '])
  expect(await offered('/chat bo', { who: () => Promise.reject(new Error('gone')) })).toEqual(['bonnie '])
  expect(await offered('/chat bo', { who: () => Promise.reject(new Error('nobody answers')) })).toEqual(['bonnie '])
})

test('no directory is asked for a name that can not be', async () => {
  const asked: string[] = []
  const who: DirectoryClient['who'] = prefix => {
    asked.push(prefix)
    return directory.who(prefix)
  }
  expect(await offered(`/chat ${'b'.repeat(33)}`, { who })).toEqual([])
  expect(asked).toEqual([])
})

test('a disk that does not answer offers nothing, and soon', async () => {
  vi.mocked(opendir).mockReturnValueOnce(new Promise(() => {}))
  expect(await offered('/send /')).toEqual([])
})

test('paths: folders end with a slash, blanks stay, and what a line can not carry is quoted', async () => {
  const folder = await folderOf(
    'plain',
    'with a blank.txt',
    '.hidden',
    'inner/',
    ' odd\n\u001b[31mname',
    '"quotes',
    'naïve 🙂',
  )
  const odd = String.raw`"${folder}/ odd\n\u001b[31mname"`
  expect(await offered(`/send ${folder}/`)).toEqual([
    odd,
    `${folder}/"quotes`,
    `${folder}/inner/`,
    `${folder}/naïve 🙂`,
    `${folder}/plain`,
    `${folder}/with a blank.txt`,
  ])
  expect(await offered(`/send ${folder}/.`)).toEqual([`${folder}/.hidden`])
  expect(await offered(`/send ${folder}/with a b`)).toEqual([`${folder}/with a blank.txt`])
  expect(await offered(`/send "${folder}/ o`)).toEqual([odd])
  expect(await offered(`/send "${folder}/in`)).toEqual([`"${folder}/inner/`])
  expect(await offered(`/send ${folder}/nowhere/x`)).toEqual([])
  expect(await offered(`/send "${folder}/bad\\`)).toEqual([])
})

test('~/ is the home of the user and stays so; a name that begins so is another', async () => {
  const home = await folderOf('letter.txt')
  const before = process.env['HOME']
  process.env['HOME'] = home
  onTestFinished(() => void (process.env['HOME'] = before))
  expect(await offered('/send ~/le')).toEqual(['~/letter.txt'])
  expect(readPath('~/letter.txt')).toBe(join(homedir(), 'letter.txt'))
  expect(readPath('"~/letter.txt"')).toBe('~/letter.txt')
})

test('a path that Tab wrote is read back as the same, and has nothing in it that a terminal obeys', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), text => {
      const path = `/${text}`
      const written = writePath(path)
      expect(readPath(` ${written} `)).toBe(path)
      expect(written).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
    }),
  )
})

test.each(['/blank at the end ', ' blank at the beginning', '"quoted"', '/new\nline', '/a "b" c', 'back\\slash'])(
  '%j comes back as it is',
  path => {
    expect(readPath(`${writePath(path)} `)).toBe(path)
  },
)

test.each(['"', '"a', '"a"b', String.raw`"\x"`])('%s is no path', text => {
  expect(() => readPath(text)).toThrow(expect.objectContaining({ code: 'usage' }))
})

test('no path is none', () => {
  expect(readPath('  ')).toBeNull()
})
