import { afterAll, vi } from 'vitest'
import { endChildrenWithUs } from './marked-processes.ts'
import { testLimit } from './patience.ts'
import { endPrograms } from './process.ts'

// The programs of a worker end with it.
endChildrenWithUs('P2PC_TEST_WORKER')

vi.setConfig({ testTimeout: testLimit(), hookTimeout: testLimit() })

// The next file of this worker finds everything as this one did.
afterAll(async () => {
  await endPrograms()
  vi.useRealTimers().unstubAllEnvs().restoreAllMocks()
})
