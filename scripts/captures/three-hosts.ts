import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import { endOf } from '@p2p-secure-chat/stage/system-process'
import { type HostName, HOST_NAMES, HOSTS, NETWORK, PREFIX_LENGTH } from '@p2p-secure-chat/stage/own-network'

/** How long the system may take to make a network or to give it up, in milliseconds. */
const NETWORK_DEADLINE = 5_000

const KERNEL_HINT = 'it needs a Linux kernel with network namespaces, veth and bridges'

/** What a network card does for the kernel. It makes frames that are too long, with checksums that are not there yet. */
const OFFLOADS = ['tx', 'rx', 'tso', 'gso', 'gro']

/**
 * Ports of those who dial: Wireshark takes none of these for another protocol's, as it does 44321 and 44322, and then
 * shows that one in place of ours.
 */
export const DIALLING_PORTS = { first: 50_000, last: 56_999 } as const

/**
 * What a namespace lives as long as: something that waits for the end of its input. On a busy machine an acknowledgment
 * is late at times, and a sender that is too quick to send again (RFC 8985, section 7) would put every packet twice into
 * a capture that is about other things.
 */
const KEEPER = [
  'ip link set lo up',
  'cd /proc/sys/net/ipv4',
  'echo 0 >tcp_early_retrans',
  `echo ${DIALLING_PORTS.first} ${DIALLING_PORTS.last} >ip_local_port_range`,
  'echo up',
  'exec cat',
].join(' && ')

/** For the same reason: how long the first retransmission waits, in milliseconds. */
const FIRST_RETRANSMISSION = 3_000

/** Where the wire can be listened to: every frame between two hosts crosses it once. */
export const BRIDGE = 'br0'

/** Three machines and the switch between them: network namespaces that lead nowhere else. */
export interface ThreeHosts {
  /** What to write before a command so that it runs on one of them. */
  on(host: HostName | 'switch'): readonly string[]
  /** Runs a command of the system on one of them to its end. @throws {ChatError} `missing-tool` when it fails */
  run(host: HostName | 'switch', ...command: readonly string[]): void
  /** Everything in them must have ended. */
  stop(): Promise<void>
}

/**
 * Makes them. They live as long as a process of ours that waits for the end of its input: even if we are killed,
 * nothing of them is left behind.
 *
 * @throws {ChatError} `missing-tool` when the system does not let us, `timeout`
 */
export async function openThreeHosts(): Promise<ThreeHosts> {
  const keepers: { readonly keeper: ChildProcess; readonly ended: Promise<unknown> }[] = []

  async function openNamespace(): Promise<number> {
    const keeper = spawn('unshare', ['--net', 'sh', '-c', KEEPER], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const ended = endOf(keeper)
    keepers.push({ keeper, ended })
    const up = once(keeper.stdout, 'data')
    await withDeadline(Promise.race([up, failWith(ended)]), NETWORK_DEADLINE, 'a network')
    return keeper.pid ?? 0
  }

  async function stop(): Promise<void> {
    for (const { keeper } of keepers) keeper.stdin?.end()
    await withDeadline(Promise.all(keepers.map(({ ended }) => ended)), NETWORK_DEADLINE, 'the end of the network')
  }

  const prefixes = new Map<HostName | 'switch', readonly string[]>()
  const on = (host: HostName | 'switch') => prefixes.get(host) ?? []
  const run = (host: HostName | 'switch', ...command: readonly string[]) => execute([...on(host), ...command])

  async function addHost(name: HostName): Promise<void> {
    const { address, mac } = HOSTS[name]
    const namespace = await openNamespace()
    prefixes.set(name, inside(namespace))
    const cable = ['eth0', 'netns', String(namespace), 'address', mac, 'type', 'veth', 'peer', 'name', name]
    run('switch', 'ip', 'link', 'add', ...cable)
    run('switch', 'ip', 'link', 'set', name, 'master', BRIDGE, 'up')
    run(name, 'ethtool', '-K', 'eth0', ...OFFLOADS.flatMap(offload => [offload, 'off']))
    run(name, 'ip', 'address', 'add', `${address}/${PREFIX_LENGTH}`, 'dev', 'eth0')
    run(name, 'ip', 'link', 'set', 'eth0', 'up')
    const patience = ['rto_min', `${FIRST_RETRANSMISSION}ms`]
    run(name, 'ip', 'route', 'change', NETWORK, 'dev', 'eth0', 'src', address, ...patience)
  }

  try {
    prefixes.set('switch', inside(await openNamespace()))
    run('switch', 'ip', 'link', 'add', BRIDGE, 'type', 'bridge')
    run('switch', 'ip', 'link', 'set', BRIDGE, 'up')
    for (const name of HOST_NAMES) await addHost(name)
    return { on, run, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function inside(keeper: number): readonly string[] {
  // What runs there ends with us, in whatever way we end.
  return ['nsenter', '--net', '--target', String(keeper), 'setpriv', '--pdeathsig', 'KILL']
}

function execute([command = '', ...args]: readonly string[]): void {
  try {
    execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: NETWORK_DEADLINE })
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new ChatError('missing-tool', `the system refused to make the network: ${message}`, {
      cause,
      hint: KERNEL_HINT,
    })
  }
}

async function failWith(ended: Promise<Error | null>): Promise<never> {
  const cause = await ended
  const why = cause === null ? '' : `: ${cause.message}`
  throw new ChatError('missing-tool', `the system refused to make a network namespace${why}`, {
    cause,
    hint: KERNEL_HINT,
  })
}
