import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import type { Reporter } from 'vitest/node'

/** Prints the closing line `N passed, N failed, N skipped`, which people and CI read. */
const closingLine: Reporter = {
  onTestRunEnd(modules, unhandledErrors) {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 }
    for (const module of modules) {
      if (module.state() === 'failed' && [...module.children.allTests()].length === 0) count.failed += 1
      for (const test of module.children.allTests()) count[test.result().state] += 1
    }
    process.stdout.write(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`)
  },
}

const source = ['p2p-secure-chat-source']

export default defineConfig({
  // Tests inside one process read the sources; tests that spawn a bin run what `tsc -b` built.
  resolve: { conditions: source },
  ssr: { resolve: { conditions: source, externalConditions: source } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'scripts/test/**/*.test.ts'],
    reporters: ['default', closingLine],
    // Most files wait for processes and sockets of their own, so two cores carry three files.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    // Each wait inside a test has its own deadline; these end a hang, and no slow machine reaches them.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
