import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import { endOf, isRunning } from '@p2p-secure-chat/stage/system-process'
import { BRIDGE, type ThreeHosts } from './three-hosts.ts'

/** How long tcpdump may take to begin, to count and to end, in milliseconds. */
const SNIFFER_DEADLINE = 5_000

/** Pause between two counts while tcpdump writes what it has received, in milliseconds: it mostly takes less. */
const PACE = 10

/**
 * Most bytes of a frame that are kept: more than Ethernet carries, and far less than tcpdump's own choice, of which only
 * eight fit into its buffer, so that a busy machine loses some.
 */
const SNAPSHOT_BYTES = 2_048

/** How its report begins: all that was written and all that passed the filter so far. */
const COUNTS = /(\d+) packets? captured[, \n]+(\d+) packets? received by filter[, \n]+(\d+) packets? dropped by kernel/g

const WORKS_HINT = 'run it as root; check that tcpdump works on this machine'

/** A tcpdump on the wire between the three hosts. */
export interface Sniffer {
  /**
   * Ends it once everything that crossed the wire is in the file.
   *
   * @throws {Error} when packets were lost
   * @throws {ChatError} `timeout`
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
 * @throws {ChatError} `missing-tool` when tcpdump does not work here, `timeout`
 */
export async function startSniffer(hosts: ThreeHosts, file: string): Promise<Sniffer> {
  // Without the immediate mode packets wait for a second in a buffer; -Z root keeps the right to write the file.
  const inputMode = ['--immediate-mode', '-U', '-Z', 'root', '-s', String(SNAPSHOT_BYTES)]
  const tcpdump = ['tcpdump', ...inputMode, '-i', BRIDGE, '-w', file, 'tcp']
  const [command = '', ...args] = [...hosts.on('switch'), ...tcpdump]
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const closed = endOf(child)
  let said = ''
  let wake = () => {}
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
    wake()
  })
  void closed.then(failure => {
    said += failure?.message ?? ''
    wake()
  })

  async function until(enough: () => boolean): Promise<void> {
    while (!enough()) {
      if (!isRunning(child)) {
        await closed
        throw new ChatError('missing-tool', `tcpdump ended: ${said.trim()}`, { hint: WORKS_HINT })
      }
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
  }

  /** Asks how many packets there were. */
  async function count(): Promise<Counts> {
    const before = countsIn(said).length
    child.kill('SIGUSR1')
    await until(() => countsIn(said).length > before)
    return lastCounts(said)
  }

  /** Waits until it has written all that it received. */
  async function settle(early: number): Promise<void> {
    for (let counts = await count(); counts.captured + early < counts.received; counts = await count()) {
      if (counts.dropped > 0) throw new Error(`tcpdump was too slow and lost ${counts.dropped} packets`)
      await sleep(PACE)
    }
  }

  /** Killed before it has closed its file it may owe it the last packets. */
  async function end(): Promise<void> {
    if (isRunning(child)) child.kill('SIGINT')
    try {
      await withDeadline(closed, SNIFFER_DEADLINE, 'the end of tcpdump')
    } catch (error) {
      child.kill('SIGKILL')
      throw error
    }
  }

  const abandon = () => end().catch(() => undefined)

  async function begin(): Promise<number> {
    await until(() => said.includes('listening on'))
    // What came before its filter was in place is counted and not written; no program of ours has begun yet.
    return (await count()).received
  }

  try {
    const early = await withDeadline(begin(), SNIFFER_DEADLINE, 'tcpdump')
    return {
      abandon,
      async stop() {
        await withDeadline(settle(early), SNIFFER_DEADLINE, 'the last packet')
        await end()
      },
    }
  } catch (error) {
    await abandon()
    throw error
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

function lastCounts(report: string): Counts {
  return countsIn(report).at(-1) ?? { captured: 0, received: 0, dropped: 0 }
}
