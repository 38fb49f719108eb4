import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { binPath, runBin } from '../../../core/test/support/process.ts'
import { startTextbookServer } from '../../src/textbook/directory-server.ts'
import { patience } from '../../../core/test/support/patience.ts'

const textbook = join(dirname(binPath('chat-lab')), 'textbook.js')

/** All interfaces, and an address of documentation (RFC 5737). own-network.test.ts has many more. */
const BEYOND = ['0.0.0.0:40003', '192.0.2.1:40003']

test.each(BEYOND)('chat-lab toy neither listens on %s nor dials it', async address => {
  for (const flag of ['--listen', '--to']) {
    const { code, stdout, stderr } = await runBin('chat-lab', ['toy', flag, address])
    expect([flag, code, stdout]).toEqual([flag, 2, ''])
    expect(stderr).toMatch(/^error: .*\(bad-address\)\n {2}.*loopback/)
  }
})

/** Runs the textbook's program, which has to end by itself. @returns what it said before */
async function refusal(...flags: string[]): Promise<{ stdout: string; stderr: string }> {
  const run = promisify(execFile)(process.execPath, [textbook, ...flags], { timeout: patience() })
  return run.then(
    () => Promise.reject(new Error('it ended without an error')),
    (error: { code?: unknown; stdout: string; stderr: string }) => {
      expect(error.code).toBe(2)
      return error
    },
  )
}

test.each(BEYOND)('the directory of the textbook does not listen on %s', async address => {
  const { stdout, stderr } = await refusal('--listen', address)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/^error: .*\(bad-address\)\n {2}.*loopback.*\n$/)
})

test.each(BEYOND)('a peer of the textbook neither listens on %s nor registers there', async address => {
  const server = await startTextbookServer({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.stop())
  const who = ['--name', 'alice', '--step', 'plain']
  for (const flags of [
    ['--listen', address, '--directory', `127.0.0.1:${server.port}`],
    ['--directory', address],
  ]) {
    const { stdout, stderr } = await refusal(...who, ...flags)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^error: .*\(bad-address\)\n {2}.*loopback.*\n$/)
  }
})
