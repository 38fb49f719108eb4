import { expect, test } from 'vitest'
import { processorTime } from '../src/system-process.ts'

/** Milliseconds by which the system's clock may differ from that of Node.js, which counts finer. */
const PRECISION = 50

test('what a process has used grows by what it uses', async () => {
  const { user, system } = process.cpuUsage()
  const before = await processorTime(process.pid)
  let used = 0
  while (used < 500) {
    const since = process.cpuUsage({ user, system })
    used = (since.user + since.system) / 1_000
  }
  expect((await processorTime(process.pid)) - before).toBeGreaterThan(used - PRECISION)
})

test.runIf(process.platform === 'linux')(
  'a process that is not there has used nothing that could be compared',
  async () => {
    await expect(processorTime(undefined)).rejects.toThrow('ENOENT')
  },
)
