import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startBin } from '../../../core/test/support/process.ts'
import { writeLargeCapture } from '../support/large-capture.ts'

const MIB = 1_048_576

/** An idle Node has 60 MiB, and what it collects late comes and goes. The capture is far larger than the rest. */
const LIMIT_MIB = 160

test.skipIf(process.platform !== 'linux')('memory does not grow with the capture, sealed or opened', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'memory-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [capture, keys] = [join(folder, 'large.pcap'), join(folder, 'keys')]
  writeFileSync(keys, writeLargeCapture(capture, 50 * MIB))
  const content = readFileSync(capture)
  expect(content.length).toBeGreaterThan(50 * MIB)

  const reader = startBin('chat-lab', ['read', '-', '--keys', keys])
  reader.write(content)
  // Its input stays open, so it is alive once it has read everything.
  for (let line = ''; !line.endsWith('end'); ) line = await reader.line()
  const [, peak] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${reader.pid}/status`, 'utf8')) ?? []
  expect(Number(peak) / 1_024).toBeGreaterThan(10)
  expect(Number(peak) / 1_024).toBeLessThan(LIMIT_MIB)
  reader.end()
  const { code, stdout } = await reader.ended()
  expect(code).toBe(0)
  expect(stdout).toMatch(/817 messages opened, 0 sealed/)
})
