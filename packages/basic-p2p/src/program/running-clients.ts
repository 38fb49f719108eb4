import { rmSync } from 'node:fs'
import { readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Address, formatAddress } from '@p2p-secure-chat/core/net/address'
import { makePrivateFolder } from '../files/private-folder.ts'
import { isAlive } from './is-alive.ts'

/** How often a client renews its file, in milliseconds: so seldom that it costs nothing. */
const RENEWAL = 5_000

/** After how many milliseconds without a renewal a client no longer counts, although a process has its number. */
const EXPIRY = 4 * RENEWAL

/** No name begins with a point, so this is nobody's folder. */
const FOLDER = '.running'

/** NAME@DIRECTORY.PROCESS */
const FILE = /^([a-z0-9._-]+)@(.+)\.(\d+)$/

/** Which clients of one home run on this machine. It is there to help a person, and decides nothing by itself. */
export interface RunningClients {
  /** The names that other processes use at that directory. */
  names(directory: Address): Promise<ReadonlySet<string>>
  /** Lets others know of this client, until the process ends, however it does, or the returned function is called. */
  announce(name: string, directory: Address): Promise<() => void>
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

  return {
    async names(directory) {
      const wanted = fileAddress(directory)
      const names = new Set<string>()
      // What can not be read says nothing.
      for (const file of await readdir(folder).catch(() => [])) {
        const [, name, address, number] = FILE.exec(file) ?? []
        if (name === undefined || address !== wanted || Number(number) === process.pid) continue
        if (await isRunning(file, Number(number)).catch(() => false)) names.add(name)
      }
      return names
    },

    async announce(name, directory) {
      const file = join(folder, `${name}@${fileAddress(directory)}.${process.pid}`)
      const write = () => writeFile(file, '', { mode: 0o600 })
      try {
        await makePrivateFolder(folder)
        await write()
      } catch {
        // An identity in a home that can only be read is worth no less.
        return () => undefined
      }
      const renewal = setInterval(() => void write().catch(() => undefined), RENEWAL).unref()
      const withdraw = () => {
        clearInterval(renewal)
        process.off('exit', withdraw)
        rmSync(file, { force: true })
      }
      process.on('exit', withdraw)
      return withdraw
    },
  }
}

/** An address as a part of a file's name, on any file system. */
function fileAddress(address: Address): string {
  return formatAddress(address).replaceAll(/[^\w.-]/g, '_')
}
