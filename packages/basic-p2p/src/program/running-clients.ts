import { rmSync } from 'node:fs'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lookAtOwned, RENEWAL } from '@p2p-secure-chat/core/files/owned-file'
import { ownerOf, ownerText, sameOwner } from '@p2p-secure-chat/core/files/owner'
import { type Address, formatAddress } from '@p2p-secure-chat/core/net/address'
import { makePrivateFolder } from '../files/private-folder.ts'

/** No name begins with a point, so this is nobody's folder. */
const FOLDER = '.running'

/** NAME@DIRECTORY.PROCESS */
const FILE = /^([a-z0-9._-]+)@(.+)\.\d+$/

/** Which clients of one home run on this machine. It is there to help a person, and decides nothing by itself. */
export interface RunningClients {
  /** The names that other processes use at that directory. */
  names(directory: Address): Promise<ReadonlySet<string>>
  /** Lets others know of this client, until the process ends, however it does, or the returned function is called. */
  announce(name: string, directory: Address): Promise<() => void>
}

/**
 * Each client has a file of its own, which says whose it is, so that none ever has to take over that of another. The
 * file of a client that is gone is removed by the next one that looks.
 *
 * @param home the folder of identities
 */
export function runningClients(home: string): RunningClients {
  const folder = join(home, FOLDER)

  /** Whether another client runs whose file that is. */
  async function isRunning(file: string): Promise<boolean> {
    const path = join(folder, file)
    const found = await lookAtOwned(path)
    if (found === null || (found.owner !== null && sameOwner(found.owner, ownerOf()))) return false
    if (found.left) await rm(path, { force: true })
    return !found.left
  }

  return {
    async names(directory) {
      const wanted = fileAddress(directory)
      const names = new Set<string>()
      // What can not be read says nothing.
      for (const file of await readdir(folder).catch(() => [])) {
        const [, name, address] = FILE.exec(file) ?? []
        if (name === undefined || address !== wanted) continue
        if (await isRunning(file).catch(() => false)) names.add(name)
      }
      return names
    },

    async announce(name, directory) {
      const file = join(folder, `${name}@${fileAddress(directory)}.${process.pid}`)
      const text = ownerText()
      const write = () => writeFile(file, text, { mode: 0o600 })
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
