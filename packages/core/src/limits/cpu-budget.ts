import { ChatError } from '../errors.ts'
import { type Rate, networkRateLimits } from './rate-limits.ts'

/**
 * Processor time for handshakes of an address from which nobody has proved anything yet, in milliseconds: a classroom of
 * 30 at once, then a twentieth of a core.
 */
export const STRANGERS: Rate = { burst: 1_200, interval: 20 }

/** The same for all such addresses together: however many there are, they get less than a sixth of a core. */
export const ALL_STRANGERS: Rate = { burst: 3_000, interval: 1_000 / 150 }

/** For a network from which a handshake was completed. A flooder can be one, and gets a seventh of a core. */
export const SEEN: Rate = { burst: 1_200, interval: 1_000 / 150 }

/** The same for all such networks together: a third of a core, so all the world together has less than half of one. */
export const ALL_SEEN: Rate = { burst: 3_000, interval: 1_000 / 300 }

/**
 * What a handshake costs besides its exponentiations, in milliseconds: a connection, two signatures, some hashing. To
 * measure each of them would cost as much again.
 */
export const HANDSHAKE_COST = 3

/** What serving a client costs besides, in milliseconds: looking up its key, the beginning of a conversation. */
export const SERVICE_COST = 3

/** How long somebody may wait for their turn, in milliseconds: they have 10 s for all of the handshake. */
export const ADMISSION_PATIENCE = 8_000

/** What others may cost us, counted in processor time and charged once it is known. */
export interface CpuBudget {
  /**
   * Waits until somebody may cost something and it is their turn, and charges HANDSHAKE_COST. Those who have used least
   * go first, and the event loop has a turn between two of them.
   *
   * @param networks where they come from, the narrowest first
   * @param gone says that they are gone
   * @throws {ChatError} `too-many` when that is not within ADMISSION_PATIENCE, or the reason of `gone`
   */
  admit(networks: readonly string[], gone: AbortSignal): Promise<void>
  /** Charges SERVICE_COST. */
  serve(networks: readonly string[]): void
  /** Does some work, and charges them with what it has cost, whatever comes of it. */
  charge<T>(networks: readonly string[], work: () => T): T
}

interface Waiting {
  readonly networks: readonly string[]
  admit(): void
}

export interface CpuBudgetOptions {
  /** The networks from which somebody was served. */
  readonly seen: { has(network: string): boolean }
  /** The time in milliseconds, of any monotonic clock. */
  readonly now?: () => number
  /** Processor time that this process has used, in milliseconds. */
  readonly used?: () => number
}

export function cpuBudget({ seen, now, used = processorTime }: CpuBudgetOptions): CpuBudget {
  const ofStrangers = networkRateLimits(STRANGERS, ALL_STRANGERS, now)
  const ofSeen = networkRateLimits(SEEN, ALL_SEEN, now)
  const waiting = new Set<Waiting>()
  let turn: NodeJS.Immediate | null = null
  let timer: NodeJS.Timeout | undefined

  /** A network that was seen draws on one account of its own, however wide the ones around it are. */
  function accountOf(networks: readonly string[]) {
    const isSeen = seen.has(networks[0] ?? '')
    const accounts = isSeen ? ofSeen : ofStrangers
    const keys = isSeen ? networks.slice(0, 1) : networks
    return {
      wait: () => accounts.wait(keys),
      own: () => accounts.own(keys),
      charge: (cost: number) => accounts.charge(keys, cost),
    }
  }

  const wait = ({ networks }: Waiting) => accountOf(networks).wait()
  const own = ({ networks }: Waiting) => accountOf(networks).own()

  function next(): void {
    turn = null
    const ready = [...waiting].filter(one => wait(one) === 0)
    const [first] = ready.toSorted((a, b) => own(b) - own(a))
    first?.admit()
    schedule()
  }

  /** Lets one in after the current turn of the event loop, or when the first of them may come in. */
  function schedule(): void {
    clearTimeout(timer)
    if (waiting.size === 0 || turn !== null) return
    const soonest = Math.min(...[...waiting].map(wait))
    if (soonest === 0) turn = setImmediate(next)
    else timer = setTimeout(schedule, soonest)
  }

  return {
    admit(networks, gone) {
      return new Promise((resolve, reject) => {
        function stop(): void {
          waiting.delete(one)
          clearTimeout(overdue)
          gone.removeEventListener('abort', leave)
        }
        function leave(): void {
          stop()
          reject(gone.reason)
        }
        const overdue = setTimeout(() => {
          stop()
          reject(new ChatError('too-many', 'no processor time is left for calls from your address'))
        }, ADMISSION_PATIENCE)
        const one: Waiting = {
          networks,
          admit() {
            stop()
            accountOf(networks).charge(HANDSHAKE_COST)
            resolve()
          },
        }
        if (gone.aborted) return leave()
        gone.addEventListener('abort', leave)
        // An account that begins empty fills from now on.
        accountOf(networks).charge(0)
        waiting.add(one)
        schedule()
      })
    },

    serve: networks => accountOf(networks).charge(SERVICE_COST),

    charge(networks, work) {
      const before = used()
      try {
        return work()
      } finally {
        accountOf(networks).charge(used() - before)
      }
    },
  }
}

/** Unlike the time of a clock it does not grow while other programs have the processor. */
function processorTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
