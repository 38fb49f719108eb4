import { join } from 'node:path'
import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { type Actor, startActor } from '@p2p-secure-chat/stage/actor'
import type { Town } from '@p2p-secure-chat/stage/town'
import type { Scene } from '../attack.ts'

/** Bob, whose client shows him what a person sees. */
export async function bobAtTerminal({ folder, afterwards }: Scene, town: Town): Promise<Actor> {
  // A person would be asked for a passphrase for his key, so it is made before.
  const home = join(folder, 'home')
  const once = await town.settle('bob', { home })
  await once.finish()
  const flags = ['--name', 'bob', '--directory', formatAddress(town.directory), '--home', home]
  const bob = startActor(town.programs.client, flags, { atTerminal: true })
  afterwards(() => bob.stop())
  return bob
}
