import { type Actor, startActor } from '@p2p-secure-chat/stage/actor'
import { type Interference, openPath, pass, type Path } from '@p2p-secure-chat/stage/path'
import { CALCULATOR } from '@p2p-secure-chat/stage/programs'
import { startServer } from '@p2p-secure-chat/stage/server'
import type { Scene } from './attack.ts'

/** Alice at a calculator's client, and the way from her to the calculator. */
export interface Calculation {
  readonly alice: Actor
  readonly path: Path
}

/** Alice's client asks a calculator all that there is to ask, over mallory's path, and leaves. */
export async function askCalculator(
  { tap, afterwards }: Scene,
  expressions: readonly string[],
  deed: Interference = pass,
): Promise<Calculation> {
  const path = await openPath({ tap })
  afterwards(() => path.stop())
  path.interfere(deed)
  const server = await startServer(CALCULATOR)
  afterwards(() => server.process.stop())
  path.forwardTo(server)

  const flags = ['--port', String(path.port), '--json']
  const alice = startActor(CALCULATOR.client, [...flags, ...expressions])
  afterwards(() => alice.stop())
  return { alice, path }
}
