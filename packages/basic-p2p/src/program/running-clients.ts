import { rmSync } from 'node:fs'
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makePrivateFolder } from '../files/private-folder.ts'
import { isAlive } from './is-alive.ts'

/** How often a client renews its file, in milliseconds: so seldom that it costs nothing. */
const RENEWAL = 5_000

/** After how many milliseconds without a renewal a client no longer counts, although a process has its number. */
const EXPIRY = 4 * RENEWAL

/** How long two that start at once may take to find out which one of them runs, in milliseconds. */
const PATIENCE = 2_000

/** How long to wait before the next look at the other one, in milliseconds. */
const PAUSE = 10

/** What stands in the file of a client that has the name for sure; anything else is of one that is starting. */
const SETTLED = 'running'

/** No name begins with a point, so this is nobody's folder. */
const FOLDER = '.running'

/** NAME.PROCESS */
const FILE = /^([a-z0-9._-]+)\.(\d+)$/

/** Which clients of one home run on this machine, at whatever directory. */
export interface RunningClients {
  /** Whether another process uses that name. */
  has(name: string): Promise<boolean>
  /**
   * Takes a name for this process, until it ends, however it does, or the returned function is called. Of two that take
   * it at once, one gets it.
   *
   * @returns null when another process has it
   */
  claim(name: string): Promise<(() => void) | null>
}

interface Other {
  readonly process: number
  readonly settled: boolean
}

/**
 * Each client has a file of its own, so that none ever has to take over that of another. The file of a client that
 * crashed is recognised by the number of a process that is gone, or by its age.
 *
 * @param home the folder of identities
 */
export function runningClients(home: string): RunningClients {
  const folder = join(home, FOLDER)

  async function isRunning(file: string, process: number): Promise<boolean> {
    if (isAlive(process)) {
      const { mtimeMs } = await stat(join(folder, file))
      if (Date.now() - mtimeMs < EXPIRY) return true
    }
    await rm(join(folder, file), { force: true })
    return false
  }

  /** The other processes of that name, those that are starting as well. */
  async function others(name: string): Promise<Other[]> {
    const found: Other[] = []
    // What can not be read says nothing.
    for (const file of await readdir(folder).catch(() => [])) {
      const [, named, digits] = FILE.exec(file) ?? []
      const number = Number(digits)
      if (named !== name || number === process.pid) continue
      if (!(await isRunning(file, number).catch(() => false))) continue
      const content = await readFile(join(folder, file), 'utf8').catch(() => '')
      found.push({ process: number, settled: content === SETTLED })
    }
    return found
  }

  /**
   * Whether the name is ours, once our own file is there. Each of two that start at once sees the other's file, unless it
   * looked before that was there and so has the name; where both see both, the one with the smaller number goes on, after
   * the other one has given way.
   */
  async function prevails(name: string): Promise<boolean> {
    for (let waited = 0; waited < PATIENCE; waited += PAUSE) {
      const rivals = await others(name)
      if (rivals.length === 0) return true
      if (rivals.some(rival => rival.settled || rival.process < process.pid)) return false
      await sleep(PAUSE)
    }
    return false
  }

  return {
    has: async name => (await others(name)).length > 0,

    async claim(name) {
      const file = join(folder, `${name}.${process.pid}`)
      let renewal: NodeJS.Timeout | undefined
      const write = (content: string) => writeFile(file, content, { mode: 0o600 })
      const withdraw = () => {
        clearInterval(renewal)
        process.off('exit', withdraw)
        rmSync(file, { force: true })
      }
      try {
        await makePrivateFolder(folder)
        process.on('exit', withdraw)
        await write('')
        if (!(await prevails(name))) {
          withdraw()
          return null
        }
        await write(SETTLED)
        renewal = setInterval(() => void write(SETTLED).catch(() => undefined), RENEWAL).unref()
        return withdraw
      } catch {
        // An identity in a home that can only be read is worth no less.
        process.off('exit', withdraw)
        return (await others(name)).length > 0 ? null : () => undefined
      }
    },
  }
}
