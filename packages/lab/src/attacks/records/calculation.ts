import { type Actor, startActor } from '../../stage/actor.ts'
import { type Interference, openPath } from '../../stage/path.ts'
import type { Scene } from '../attack.ts'

/** Alice's client asks a calculator all that there is to ask, over mallory's path, and leaves. */
export async function askCalculator(
  { tap, afterwards }: Scene,
  deed: Interference,
  ...expressions: readonly string[]
): Promise<Actor> {
  const path = await openPath({ tap })
  afterwards(() => path.stop())
  path.interfere(deed)
  const server = startActor('@p2p-secure-chat/calculator/bin/server', ['--port', '0', '--json'])
  afterwards(() => server.stop())
  const { host, port } = await server.next('listening')
  path.forwardTo({ host: String(host), port: Number(port) })

  const alice = startActor('@p2p-secure-chat/calculator/bin/client', [
    '--port',
    String(path.port),
    '--json',
    ...expressions,
  ])
  afterwards(() => alice.stop())
  return alice
}
