import { type Address, formatAddress, isLoopback } from '../net/address.ts'
import { reportDefectsTo } from '../contain.ts'
import { reportError } from './report-error.ts'
import { reachableHosts } from '../net/reachable-hosts.ts'
import type { Reporter } from './reporter.ts'

/** How long a server may take to say goodbye to everyone, in milliseconds; then it ends anyway. */
const STOP_DEADLINE = 1_800

/** What a running server lets its process do with it. */
export interface RunningServer extends Address {
  /** Takes no more connections and says goodbye to everyone. */
  stop(): Promise<void>
}

/**
 * Reports on stdout where the server listens (the first line, which scripts wait for), runs it until a signal ends it,
 * and stops it within two seconds.
 *
 * @param clientCommand what a person types to reach the server at that address
 */
export async function runServer(
  server: RunningServer,
  out: Reporter,
  clientCommand: (address: Address) => string,
): Promise<void> {
  const { host, port } = server
  reportDefectsTo(error => void reportError(error))
  // Before the line that tells scripts to go ahead: one of them may end us at once.
  const ended = untilSignal()
  out.event({ event: 'listening', host, port }, `listening on ${formatAddress(server)}`)
  if (isLoopback(host)) out.note('only this machine can connect; --host 0.0.0.0 (or ::) opens it to the network')
  else if (!out.json) noteReach(server, out, clientCommand)
  await ended
  const overdue = setTimeout(() => process.exit(0), STOP_DEADLINE)
  await server.stop()
  clearTimeout(overdue)
}

/** Says what others on the network type, one line for each address of this machine. */
function noteReach({ host, port }: Address, out: Reporter, clientCommand: (address: Address) => string): void {
  const commands = reachableHosts(host).map(reachable => clientCommand({ host: reachable, port }))
  if (commands.length === 0) return out.note('this machine has no network, so only programs on it can connect')
  out.note(['others on the network connect with', ...commands.map(command => `  ${command}`)].join('\n'))
}

function untilSignal(): Promise<void> {
  return new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
}
