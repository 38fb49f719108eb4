import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { patience } from './patience.ts'

const PACKAGES = fileURLToPath(new URL('../../../', import.meta.url))

/** A whole program may take as long as so many things that a test waits for. */
const WAITS_FOR_END = 4

export interface BinOptions {
  /** All of stdin, which is then ended; without it, stdin stays open for write() and end(). */
  readonly input?: string | Uint8Array
  /** Added to the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Flags of Node.js itself. */
  readonly nodeArgs?: readonly string[]
  /** A command that runs the one behind it, such as one that changes what it sees of the system. */
  readonly within?: readonly string[]
  /** The folder of the packages whose command it is; by default those of this workspace. */
  readonly packages?: string
}

/** A real command as a process of its own, its three streams being pipes. */
export interface Bin {
  readonly pid: number
  /**
   * The next line of stdout, without its end.
   *
   * @throws {Error} with all that the process said, when it ends or takes longer than any test waits
   */
  line(): Promise<string>
  /** Reads the first line of a server's stdout: where it listens. */
  listening(): Promise<{ host: string; port: number }>
  /** Waits until stderr contains the text. @throws {Error} as line() */
  stderrShows(text: string): Promise<void>
  write(text: string | Uint8Array): void
  /** Ends stdin. */
  end(): void
  /** Stops reading stdout, as `| head -1` does. */
  closeStdout(): void
  /** Waits for the process to end. `code` is null when a signal ended it. @throws {Error} when time is up */
  ended(): Promise<{ code: number | null; stdout: string; stderr: string }>
  kill(signal?: NodeJS.Signals): void
}

const running = new Set<ChildProcessWithoutNullStreams>()

/** What is to be done once the programs of a file have ended. */
const cleaning = new Set<() => void>()

/** Does something after the last test of this file, when its programs have ended: until then they may write into a folder. */
export const afterPrograms = (clean: () => void): void => void cleaning.add(clean)

/** Ends all programs that are left, and cleans up. Runs after the last test of each file: a failed test leaves nothing. */
export async function endPrograms(): Promise<void> {
  const alive = [...running].filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
  const ends = alive.map(child => once(child, 'exit'))
  for (const child of alive) child.kill('SIGKILL')
  await Promise.all(ends)
  for (const clean of cleaning) clean()
  cleaning.clear()
}

/** Path of a built command, from the `bin` field of the package that owns it; a path stays what it is. */
export function binPath(name: string, packages = PACKAGES): string {
  if (isAbsolute(name)) return name
  for (const folder of readdirSync(packages)) {
    const manifest: { bin?: Record<string, string> } = JSON.parse(
      readFileSync(join(packages, folder, 'package.json'), 'utf8'),
    )
    const file = manifest.bin?.[name]
    if (file === undefined) continue
    const path = join(packages, folder, file)
    if (!existsSync(path)) throw new Error(`${path} is not built: run tsc -b`)
    return path
  }
  throw new Error(`no package has a command called ${name}`)
}

/** Runs a built command of this workspace, by its name, or another script, by its path. What still runs after the file's last test is killed. */
export function startBin(name: string, args: readonly string[] = [], options: BinOptions = {}): Bin {
  const path = binPath(name, options.packages)
  const [command = '', ...rest] = [
    ...(options.within ?? []),
    process.execPath,
    ...(options.nodeArgs ?? []),
    path,
    ...args,
  ]
  const child = spawn(command, rest, {
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  running.add(child)
  const watchers = new Set<() => void>()
  const update = () => {
    for (const check of watchers) check()
  }
  let stdout = ''
  let stderr = ''
  let read = 0
  let code: number | null | undefined

  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    update()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    update()
  })
  child.on('close', exitCode => {
    running.delete(child)
    code = exitCode
    update()
  })
  // A command may end without reading all of its input.
  child.stdin.on('error', () => child.stdin.destroy())
  if (options.input !== undefined) child.stdin.end(options.input)

  /** Waits for `found` to give something. */
  function until<T>(what: string, found: () => T | undefined, waits = 1): Promise<T> {
    const milliseconds = waits * patience()
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        watchers.delete(check)
        clearTimeout(timer)
        finish()
      }
      const fail = (why: string) =>
        settle(() => reject(new Error(`${name}: ${what} ${why}\nstdout: ${stdout}\nstderr: ${stderr}`)))
      const check = () => {
        const value = found()
        if (value !== undefined) settle(() => resolve(value))
        else if (code !== undefined) fail(`did not come before the process ended with ${code}`)
      }
      const timer = setTimeout(() => fail(`did not come within ${milliseconds} ms`), milliseconds)
      watchers.add(check)
      check()
    })
  }

  function nextLine(): string | undefined {
    const end = stdout.indexOf('\n', read)
    if (end < 0) return undefined
    const line = stdout.slice(read, end)
    read = end + 1
    return line
  }

  const line = () => until('a line', nextLine)

  return {
    pid: child.pid ?? 0,
    line,
    async listening() {
      const first = await line()
      const [, host, port] = /^listening on \[?(.*?)\]?:(\d+)$/.exec(first) ?? []
      if (host === undefined) throw new Error(`${name}: no address in ${JSON.stringify(first)}`)
      return { host, port: Number(port) }
    },
    stderrShows: async text => {
      await until(JSON.stringify(text), () => (stderr.includes(text) ? true : undefined))
    },
    write: text => void child.stdin.write(text),
    end: () => void child.stdin.end(),
    closeStdout: () => void child.stdout.destroy(),
    ended: () => until('the end', () => (code === undefined ? undefined : { code, stdout, stderr }), WAITS_FOR_END),
    kill: signal => void child.kill(signal),
  }
}

/** Runs a command to its end. */
export function runBin(name: string, args: readonly string[] = [], options: BinOptions = {}) {
  return startBin(name, args, { input: '', ...options }).ended()
}
