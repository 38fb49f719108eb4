import { once } from 'node:events'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { quietPipe } from '@p2p-secure-chat/core/terminal/quiet-pipe'
import { folderOf, openFolder } from './exercise-folder.ts'
import { exerciseNamed } from './exercises.ts'
import { variantOf } from './variant.ts'

export interface ServeFlags {
  readonly folder?: string
  /** 0 takes a free one. */
  readonly port: number
}

/**
 * Runs the service of an exercise until a signal ends it.
 *
 * @throws {ChatError} `usage`, `unreadable`, `port-in-use`
 */
export async function runServe(name: string, { folder = folderOf(name), port }: ServeFlags): Promise<void> {
  const { serve } = exerciseNamed(name)
  if (serve === undefined) throw new ChatError('usage', `${name} has no service`)
  const { seed } = await openFolder(folder, name)
  const listener = await serve(variantOf(name, seed), port)
  quietPipe()
  // Before the line that tells scripts to go ahead: one of them may end us at once.
  const ended = Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map(signal => once(process, signal)))
  process.stdout.write(`listening on ${formatAddress(listener)}\n`)
  await ended
  listener.stop()
  listener.destroyAll()
}
