import { vi } from 'vitest'
import { endChildrenWithUs } from './marked-processes.ts'
import { testLimit } from './patience.ts'

// The programs of a worker end with it.
endChildrenWithUs('P2PC_TEST_WORKER')

vi.setConfig({ testTimeout: testLimit(), hookTimeout: testLimit() })
