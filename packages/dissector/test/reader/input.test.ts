import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, expect, test } from 'vitest'
import { capturePasses, chunksOf } from '../../src/reader/input.ts'
import { basicConversation, captureOf } from '../support/people-conversation.ts'

const folder = mkdtempSync(join(tmpdir(), 'input-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('a file that fails while it is read is unreadable', async () => {
  const input = new Readable({ read: () => input.destroy(new Error('the disk is gone')) })
  await expect(chunksOf(input, 'talk.pcap').next()).rejects.toMatchObject({
    code: 'unreadable',
    message: 'cannot read talk.pcap: the disk is gone',
  })
})

test('a mistake of ours is not blamed on the file', async () => {
  const path = join(folder, 'talk.pcap')
  writeFileSync(path, captureOf(basicConversation('hello')))
  const mistake = new TypeError('a mistake')
  const pass = capturePasses(path)('', () => {
    throw mistake
  })
  await expect(pass).rejects.toBe(mistake)
})
