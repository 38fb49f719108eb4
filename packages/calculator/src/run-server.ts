import { parseAddress, parsePort } from '@p2p-secure-chat/core/net/address'
import { quietPipe } from '@p2p-secure-chat/core/terminal/quiet-pipe'
import { reporter } from '@p2p-secure-chat/core/terminal/reporter'
import { typedCommand } from '@p2p-secure-chat/core/terminal/typed-command'
import { runServer } from '@p2p-secure-chat/core/terminal/server-process'
import { startCalculator } from './server.ts'

export interface CalculatorServerOptions {
  readonly host: string
  readonly port: string
  readonly json?: true
  readonly quiet?: true
}

/**
 * Serves until SIGINT or SIGTERM.
 *
 * @throws {ChatError} `bad-address`, `port-in-use`
 */
export async function runCalculatorServer({ host, port, ...output }: CalculatorServerOptions): Promise<void> {
  quietPipe()
  const server = await startCalculator(parseAddress(host, { port: parsePort(port) }))
  await runServer(server, reporter(output), where =>
    typedCommand('calc-client', `--host ${where.host} --port ${where.port} "2 + 3 * 4"`),
  )
}
