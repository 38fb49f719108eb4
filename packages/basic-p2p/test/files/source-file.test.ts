import { createHash, randomBytes } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, type StatOptions, truncateSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openSource, sizeOfSource } from '../../src/files/source-file.ts'
import { failOnClose } from '../support/os-error.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

vi.mock('node:fs/promises', { spy: true })

const content = randomBytes(3_000_000)
const wanted = new AbortController().signal

function file(): string {
  const path = join(temporaryFolder(), 'photo.jpg')
  writeFileSync(path, content)
  return path
}

test('a file is hashed, and read into several buffers at once', async () => {
  const source = await openSource(file(), wanted)
  expect([source.name, source.size]).toEqual(['photo.jpg', content.length])
  expect(source.sha256).toBe(createHash('sha256').update(content).digest('hex'))
  const buffers = [Buffer.alloc(10), Buffer.alloc(1_000)]
  await source.read(buffers, 500)
  expect(Buffer.concat(buffers)).toEqual(content.subarray(500, 1_510))
  await source.requireUnchanged()
  await source.close()
})

test('what is no file that can be read is one clear error, which says what it is', async () => {
  const folder = temporaryFolder()
  const [socket, pipe] = [join(folder, 'socket'), join(folder, 'pipe')]
  const server = createServer().listen(socket)
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  execFileSync('mkfifo', [pipe])
  for (const [path, words] of [
    [folder, 'a folder'],
    [socket, 'a socket'],
    [pipe, 'a pipe'],
    ['/dev/zero', 'a device'],
    [join(folder, 'missing'), ''],
    [`${folder}/a\0b`, ''],
  ] as const) {
    const refused = { code: 'unreadable', message: expect.stringContaining(words) }
    await expect(openSource(path, wanted), path).rejects.toMatchObject(refused)
    await expect(sizeOfSource(path), path).rejects.toMatchObject(refused)
  }
})

test('a size that is not that of the content is found out, whichever is larger', async () => {
  const sizes = ['/proc/version', '/proc/self/status', '/sys/kernel/mm/transparent_hugepage/enabled']
  for (const path of sizes.filter(existsSync)) {
    const refused = { code: 'unreadable', message: expect.stringContaining('misreports the size') }
    await expect(openSource(path, wanted), path).rejects.toMatchObject(refused)
  }
})

test('a file without a byte, and one with holes, are as large as they say', async () => {
  for (const size of [0, 3_000_000]) {
    const path = file()
    truncateSync(path, 0)
    truncateSync(path, size)
    const source = await openSource(path, wanted)
    const zeros = createHash('sha256').update(Buffer.alloc(size)).digest('hex')
    expect([source.size, source.sha256]).toEqual([size, zeros])
    await source.close()
  }
})

test.each([
  ['grows', (path: string) => appendFileSync(path, 'x')],
  ['shrinks', (path: string) => truncateSync(path, 1_000)],
])('a file that %s while it is hashed is noticed', async (_, change) => {
  const path = file()
  vi.mocked(open).mockImplementationOnce(async (...given) => {
    const { open: really } = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises')
    const handle = await really(...given)
    const stat = handle.stat.bind(handle)
    let looks = 0
    // Of the file as it was: once for its kind, once for its size.
    return Object.assign(handle, {
      async stat(options?: StatOptions) {
        const found = await stat(options)
        looks += 1
        if (looks === 2) change(path)
        return found
      },
    })
  })
  await expect(openSource(path, wanted)).rejects.toMatchObject({ code: 'file-changed' })
})

test('a file that grows, shrinks or is written over is noticed', async () => {
  for (const change of [
    (path: string) => appendFileSync(path, 'x'),
    (path: string) => writeFileSync(path, content.subarray(1)),
    (path: string) => writeFileSync(path, randomBytes(content.length)),
  ]) {
    const path = file()
    const source = await openSource(path, wanted)
    change(path)
    await expect(source.requireUnchanged()).rejects.toMatchObject({ code: 'file-changed' })
    await source.close()
  }
})

test('bytes that are not there any more are noticed when they are read', async () => {
  const path = file()
  const source = await openSource(path, wanted)
  writeFileSync(path, '')
  await expect(source.read([Buffer.alloc(10)], 0)).rejects.toMatchObject({ code: 'file-changed' })
  await source.close()
})

test('a file that was only read is closed, whatever the system says', async () => {
  failOnClose(open, 'EIO')
  await (await openSource(file(), wanted)).close()
})
