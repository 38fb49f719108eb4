import { execFile } from 'node:child_process'
import { isIP } from 'node:net'
import { promisify } from 'node:util'

/** Finds the IP addresses of a host, in the order of the system's preference (RFC 6724), until the signal comes. */
export type Lookup = (host: string, signal: AbortSignal) => Promise<readonly string[]>

const SCRIPT = `require('node:dns').lookup(process.argv[1], { all: true, verbatim: true }, (error, found) => {
  process.stdout.write(JSON.stringify(error ? { code: error.code } : { found: found.map(one => one.address) }))
})`

/** Far more than an answer of thousands of addresses, in bytes. */
const MOST_OUTPUT = 1024 * 1024

/**
 * Asks the system, which knows more than the name servers do: /etc/hosts, the local network. In a process of its own:
 * getaddrinfo() cannot be stopped while it waits for a name server, and process.exit() would wait with it.
 */
async function askSystem(host: string, signal: AbortSignal): Promise<readonly string[]> {
  const { code, found } = await answerOf(host, signal)
  if (found === undefined) throw Object.assign(new Error(`no address of ${host}`), { code })
  return found
}

/** @throws {Error} in words, when the process does not start or does not end as it should; as the signal has it */
async function answerOf(host: string, signal: AbortSignal): Promise<{ code?: string; found?: string[] }> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', SCRIPT, '--', host], {
      signal,
      killSignal: 'SIGKILL',
      maxBuffer: MOST_OUTPUT,
      env: { ...process.env, NODE_OPTIONS: '' },
    })
    return JSON.parse(stdout)
  } catch (cause) {
    if (signal.aborted) throw cause
    throw new Error('the address lookup failed to run', { cause })
  }
}

/**
 * The addresses of a host in the order in which to try them: the families take turns, beginning with that of the
 * preferred address (RFC 8305, section 4), and none comes twice. An IP address is its own answer.
 *
 * @param limit the most addresses to return: a name server can answer with thousands
 * @param signal ends the search
 * @throws {NodeJS.ErrnoException} as dns.lookup(): `ENOTFOUND`, `EAI_AGAIN`
 */
export async function resolve(
  host: string,
  limit: number,
  signal: AbortSignal,
  find: Lookup = askSystem,
): Promise<string[]> {
  if (isIP(host) !== 0) return [host]
  const found = [...new Set(await find(host, signal))]
  const [first] = found
  if (first === undefined) return []
  const family = isIP(first)
  const queues = [found.filter(one => isIP(one) === family), found.filter(one => isIP(one) !== family)]
  const order = found.flatMap((_, at) => queues.flatMap(queue => queue.slice(at, at + 1)))
  return order.slice(0, limit)
}
