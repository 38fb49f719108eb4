import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { startActor } from '../../stage/actor.ts'
import { binOf } from '../../stage/bin-of.ts'
import type { Server } from '../../stage/server.ts'
import type { Resident, Town } from '../../stage/town.ts'
import type { Scene } from '../attack.ts'
import { say } from '../meeting.ts'

/** Whether a calculator still answers somebody who comes now. */
export async function answersNewcomer({ afterwards }: Scene, { port }: Server): Promise<boolean> {
  const alice = startActor(binOf('calc', 'client'), ['--port', String(port), '--json', '6 * 7'])
  afterwards(() => alice.stop())
  await alice.finish()
  return alice.events.some(({ result }) => result === '42')
}

/** Whether the textbook's directory still takes somebody who comes now. */
export async function registersNewcomer({ afterwards }: Scene, server: Server): Promise<boolean> {
  const flags = ['--directory', formatAddress(server), '--name', 'alice', '--step', 'plain']
  const alice = startActor(binOf('textbook-dh', 'client'), flags)
  afterwards(() => alice.stop())
  await alice.finish()
  return alice.events.some(({ event }) => event === 'ready')
}

/** Alice comes, calls bob, who takes her call, and tells him something. @returns null where she can not */
export async function bringAlice(town: Town, bob: Resident): Promise<Resident | null> {
  try {
    const alice = await town.settle('alice', { to: 'bob' })
    const { asks } = await bob.next({ event: 'call', peer: 'alice' })
    if (asks === true) bob.say('/accept alice')
    await Promise.all([alice.next('open'), bob.next('open')])
    await say(alice, bob, 'all well?')
    return alice
  } catch {
    // Her program ended, or nothing came of it: whatever kept her out, she is not served.
    return null
  }
}
