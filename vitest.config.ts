import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type Reporter, type TestSpecification } from 'vitest/node'

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

/** Short files that take half a minute and more. Where no run before tells, vitest goes by size and would start them last. */
const LONGEST = [
  'lab/test/attacks/attacks.deep',
  'lab/test/protections/protections.deep',
  'scripts/test/captures/record.deep',
  'basic-p2p/test/screen/hostile-screen.deep',
  'lab/test/exercise/exercises.deep',
  'scripts/test/set-up',
].map(file => `${file}.test.ts`)

/** Starts the files that take longest first: at the end, one of them would keep a single core busy. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => LONGEST.some(file => moduleId.endsWith(file))
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter(file => !isLong(file))]
  }
}

const source = ['p2p-secure-chat-source']

/** What a test file does that needs a process of its own: it replaces modules, counts objects, or changes the process. */
const NEEDS_PROCESS = /vi\.(?:mock|doMock)\(|queryObjects|support\/heap|defineProperty\(process|LC_ALL/

/** All test files whose names end like that, from the root. */
function testFiles(suffix: string): string[] {
  const folders = [...readdirSync('packages').map(name => join('packages', name, 'test')), join('scripts', 'test')]
  return folders.flatMap(folder =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(file => file.endsWith(suffix))
      .map(file => join(folder, file)),
  )
}

/** What takes long: `npm run test:deep` runs it, and .ci/run after `npm test`. `--mode all` finds every test. */
const DEEP = '.deep.test.ts'

const all = testFiles('.test.ts')

export default defineConfig(({ mode }) => {
  const files = mode === 'all' ? all : all.filter(file => file.endsWith(DEEP) === (mode === 'deep'))
  const alone = files.filter(file => NEEDS_PROCESS.test(readFileSync(file, 'utf8')))
  return {
    // Tests inside one process read the sources; tests that spawn a bin run what `tsc -b` built.
    resolve: { conditions: source },
    ssr: { resolve: { conditions: source, externalConditions: source } },
    test: {
      reporters: ['default', closingLine],
      sequence: { sequencer: LongestFirst },
      // Most files wait for processes and sockets of their own, so two cores carry three files.
      maxWorkers: Math.max(3, availableParallelism() - 1),
      // Programs end with the run and with their worker, and time limits follow the load of the machine.
      globalSetup: 'packages/core/test/support/before-run.ts',
      setupFiles: 'packages/core/test/support/before-file.ts',
      teardownTimeout: 60_000,
      projects: [
        { extends: true, test: { name: 'alone', include: alone } },
        // To load our modules anew for each file would cost more than most of the tests do.
        {
          extends: true,
          test: {
            name: 'shared',
            include: files.filter(file => !alone.includes(file)),
            isolate: false,
          },
        },
      ],
    },
  }
})
