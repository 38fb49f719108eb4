import { connect, isIP, type Socket } from 'node:net'
import { ChatError } from '../errors.ts'
import { type Address, formatAddress, plainHost } from './address.ts'
import { patience } from './patience.ts'
import { type Lookup, resolve } from './resolve.ts'

/** How long a connection may take to be established, its host name's addresses included, in milliseconds. */
export const DIAL_DEADLINE = 10_000

/** How long after an attempt the next address is tried as well, in milliseconds (RFC 8305, section 5). */
export const ATTEMPT_DELAY = 250

/** Addresses of one host that are tried: as many as can begin before the deadline while none answers. */
export const MOST_ADDRESSES = DIAL_DEADLINE / ATTEMPT_DELAY

export interface DialOptions {
  /** In milliseconds, for everything together. */
  readonly deadline?: number
  /** The IP address of ours from which to dial, which only reaches its own family; by default the system takes one. */
  readonly localAddress?: string | undefined
  /** Ends the attempts; its reason is what dial() throws. */
  readonly signal?: AbortSignal | undefined
  readonly lookup?: Lookup
}

/**
 * Opens a TCP connection to the first address of a host that answers (RFC 8305, "happy eyeballs"). Each further address
 * is tried ATTEMPT_DELAY after the one before, or as soon as one fails; none is given up before the deadline, and those
 * that are slower than the first are closed. Each side ends its own direction (half-open allowed), and small writes leave
 * at once.
 *
 * @throws {ChatError} `unreachable` when nobody answers there, `timeout`, `bad-address` when the host has no address
 */
export async function dial(address: Address, options: DialOptions = {}): Promise<Socket> {
  const { deadline = DIAL_DEADLINE, localAddress, signal, lookup } = options
  const end = new AbortController()
  const abort = () => end.abort(signal?.reason)
  let missing = `the IP address of ${address.host} did not come`
  const wait = patience()
  wait.begin(deadline, () => end.abort(new ChatError('timeout', `${missing} within ${deadline / 1000} seconds`)))
  if (signal?.aborted) abort()
  signal?.addEventListener('abort', abort)
  try {
    const found = await before(end.signal, resolve(address.host, MOST_ADDRESSES, end.signal, lookup))
    const family = isIP(localAddress ?? '')
    const hosts = found.filter(host => family === 0 || isIP(host) === family)
    if (hosts.length === 0)
      throw new ChatError('unreachable', `${address.host} has no address to dial from ${localAddress}`)
    missing = `${formatAddress(address)} did not answer`
    return await firstToAnswer(hosts, { port: address.port, localAddress }, end.signal)
  } catch (cause) {
    if (!(cause instanceof Error) || cause instanceof ChatError || cause === signal?.reason) throw cause
    const { code, reason } = explain(cause)
    throw new ChatError(code, `cannot reach ${formatAddress(address)}: ${reason}`, { cause })
  } finally {
    wait.end()
    signal?.removeEventListener('abort', abort)
  }
}

/** Waits for `work` until the signal comes. @throws its reason */
function before<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const ended = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  return Promise.race([work, ended])
}

/** @throws the reason of the signal, or of all failures the one that says most */
function firstToAnswer(
  hosts: readonly string[],
  { port, localAddress }: { port: number; localAddress: string | undefined },
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((answer, reject) => {
    const queue = [...hosts]
    const open = new Set<Socket>()
    const failures: NodeJS.ErrnoException[] = []
    let timer: NodeJS.Timeout | undefined

    function stop(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', giveUp)
      for (const socket of open) socket.destroy()
      open.clear()
    }

    function giveUp(): void {
      stop()
      reject(signal.reason)
    }

    function next(): void {
      clearTimeout(timer)
      const host = queue.shift()
      if (host !== undefined) attempt(host)
      if (queue.length > 0) timer = setTimeout(next, ATTEMPT_DELAY)
      if (open.size > 0 || queue.length > 0) return
      stop()
      reject(mostTelling(failures))
    }

    function attempt(host: string): void {
      const socket = connect({ host, port, allowHalfOpen: true, noDelay: true, ...(localAddress && { localAddress }) })
      open.add(socket)
      socket.once('connect', () => {
        if (!open.delete(socket)) return
        if (isItsOwnEnd(socket)) {
          socket.resetAndDestroy()
          return fail(Object.assign(new Error('it met itself'), { code: 'ECONNREFUSED' }))
        }
        stop()
        answer(socket)
      })
      // It stays for the life of the socket: without it an error before its user listens would end the process.
      socket.on('error', cause => {
        if (open.delete(socket)) fail(cause)
      })
    }

    function fail(cause: NodeJS.ErrnoException): void {
      failures.push(cause)
      next()
    }

    if (signal.aborted) return giveUp()
    signal.addEventListener('abort', giveUp)
    next()
  })
}

/**
 * Whether a connection has met itself (RFC 9293, section 3.5, "simultaneous open"): where nobody listens on a port that
 * the system gives to callers, it may give us that very one.
 */
function isItsOwnEnd({ localAddress, localPort, remoteAddress, remotePort }: Socket): boolean {
  return localPort === remotePort && plainHost(localAddress ?? '') === plainHost(remoteAddress ?? '')
}

/** Reasons for which a host is not reached, those first that say most about it. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was reset',
  EACCES: 'this system does not allow it',
  EPERM: 'this system does not allow it',
  ETIMEDOUT: 'it does not answer',
  EHOSTUNREACH: 'there is no route',
  ENETUNREACH: 'there is no route',
  EADDRNOTAVAIL: 'there is no route',
  EAI_AGAIN: 'no name server answers',
  ENOTFOUND: 'the host name is unknown',
}

function mostTelling(failures: readonly NodeJS.ErrnoException[]): NodeJS.ErrnoException | undefined {
  const order = Object.keys(REASONS)
  const rank = ({ code = '' }: NodeJS.ErrnoException) => (order.includes(code) ? order.indexOf(code) : order.length)
  return failures.toSorted((a, b) => rank(a) - rank(b))[0]
}

function explain({ code, message }: NodeJS.ErrnoException): { code: 'bad-address' | 'unreachable'; reason: string } {
  const reason = REASONS[code ?? ''] ?? code ?? message
  return { code: code === 'ENOTFOUND' ? 'bad-address' : 'unreachable', reason }
}
