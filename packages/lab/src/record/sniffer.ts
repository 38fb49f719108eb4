import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import { BRIDGE, type ThreeHosts } from './three-hosts.ts'

/** How long tcpdump may take to begin, to count and to end, in milliseconds. */
const SNIFFER_DEADLINE = 5_000

/** How its report begins: all that was written and all that passed the filter so far. */
const COUNTS =
  /(\d+) packets captured(?:, |\n)(\d+) packets received by filter(?:, |\n)(\d+) packets dropped by kernel/g

/** A tcpdump on the wire between the three hosts. */
export interface Sniffer {
  /**
   * Ends it once everything that crossed the wire is in the file.
   *
   * @throws {Error} when packets were lost
   */
  stop(): Promise<void>
  /** Ends it at once, whatever is lost. */
  abandon(): Promise<void>
}

/**
 * Starts to record all TCP between the three hosts. What else there is (ARP, the chatter of IPv6) comes at moments of
 * its own and would only be in the way.
 *
 * @param file where to, as pcap
 */
export async function startSniffer(hosts: ThreeHosts, file: string): Promise<Sniffer> {
  const [command = '', ...args] = [
    ...hosts.on('switch'),
    // Without the immediate mode a capture of half a second is empty; -Z root keeps the right to write the file.
    ...['tcpdump', '--immediate-mode', '-Z', 'root', '-U', '-i', BRIDGE, '-w', file, 'tcp'],
  ]
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const closed = once(child, 'close')
  let said = ''
  let wake = () => {}
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
    wake()
  })
  child.once('close', () => wake())

  async function until(enough: () => boolean): Promise<void> {
    while (!enough()) {
      if (!isRunning(child)) throw new Error(`tcpdump ended: ${said.trim()}`)
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
  }

  /** Asks how many packets there are, until it has written as many as there were. */
  async function settle(): Promise<void> {
    for (;;) {
      const before = countsIn(said).length
      child.kill('SIGUSR1')
      await until(() => countsIn(said).length > before)
      const last = countsIn(said).at(-1)
      if (last?.captured === last?.received) return
    }
  }

  async function abandon(): Promise<void> {
    if (isRunning(child)) child.kill('SIGINT')
    await withDeadline(closed, SNIFFER_DEADLINE, 'the end of tcpdump').catch(() => child.kill('SIGKILL'))
  }

  try {
    await withDeadline(
      until(() => said.includes('listening on')),
      SNIFFER_DEADLINE,
      'tcpdump',
    )
  } catch (error) {
    await abandon()
    throw error
  }
  return {
    abandon,
    async stop() {
      await withDeadline(settle(), SNIFFER_DEADLINE, 'the last packet')
      await abandon()
      const last = countsIn(said).at(-1)
      if (last === undefined || last.dropped > 0 || last.captured !== last.received) {
        throw new Error(`tcpdump lost packets: ${said.trim()}`)
      }
    },
  }
}

interface Counts {
  readonly captured: number
  readonly received: number
  readonly dropped: number
}

function countsIn(report: string): Counts[] {
  return [...report.matchAll(COUNTS)].map(([, captured, received, dropped]) => ({
    captured: Number(captured),
    received: Number(received),
    dropped: Number(dropped),
  }))
}

const isRunning = (child: ChildProcess) => child.exitCode === null && child.signalCode === null
