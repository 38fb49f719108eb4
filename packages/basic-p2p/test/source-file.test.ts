import { createHash, randomBytes } from 'node:crypto'
import { appendFileSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openSource } from '../src/files/source-file.ts'
import { failOnClose } from './support/os-error.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

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

test('what is no file that can be read is one clear error', async () => {
  const folder = temporaryFolder()
  const socket = join(folder, 'socket')
  const server = createServer().listen(socket)
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  for (const path of [folder, join(folder, 'missing'), socket, '/dev/zero', `${folder}/a\0b`]) {
    await expect(openSource(path, wanted), path).rejects.toMatchObject({ code: 'unreadable' })
  }
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
