import { formatAddress, parseAddress } from '@p2p-secure-chat/core/net/address'
import { startBin } from '../../../core/test/support/process.ts'
import { type Rung, type Testbed, temporaryFolder, testbedAround } from './chat-testbed.ts'

/** A directory that can be killed and started again where it was, and clients around it. */
export async function mortalTestbed(
  rung: Rung,
): Promise<Testbed & { kill(): Promise<void>; restart(): Promise<void> }> {
  let server = startBin(`${rung}-server`, ['--port', '0'])
  const directory = formatAddress(await server.listening())
  return {
    ...testbedAround(rung, directory, temporaryFolder()),
    async kill() {
      server.kill('SIGKILL')
      await server.ended()
    },
    async restart() {
      server = startBin(`${rung}-server`, ['--port', String(parseAddress(directory).port)])
      await server.listening()
    },
  }
}
