import { once } from 'node:events'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { quietPipe } from '@p2p-secure-chat/core/terminal/quiet-pipe'
import { reporter } from '@p2p-secure-chat/core/terminal/reporter'
import { folderOf, openFolder } from '../exercise-folder.ts'
import { EXERCISES, exerciseNamed } from '../exercises.ts'
import { variantOf } from '../variant.ts'

export interface ServeFlags {
  readonly folder?: string
  /** 0 takes a free one. */
  readonly port: number
  readonly json?: boolean
}

/**
 * Runs the service of an exercise until a signal ends it.
 *
 * @throws {ChatError} `usage`, `unreadable`, `port-in-use`
 */
export async function runServe(name: string, flags: ServeFlags): Promise<void> {
  const { folder = folderOf(name), port, json } = flags
  const { serve } = exerciseNamed(name)
  if (serve === undefined) {
    const serving = EXERCISES.filter(exercise => exercise.serve !== undefined).map(exercise => exercise.name)
    throw new ChatError('usage', `${name} has no service`, { hint: `there is one for ${serving.join(', ')}` })
  }
  const { seed } = await openFolder(folder, name)
  const listener = await serve(variantOf(name, seed), port)
  quietPipe()
  // Before the line that tells scripts to go ahead: one of them may end us at once.
  const ended = Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map(signal => once(process, signal)))
  const { host, port: bound } = listener
  reporter({ json }).event({ event: 'listening', host, port: bound }, `listening on ${formatAddress(listener)}`)
  await ended
  listener.stop()
  listener.destroyAll()
}
