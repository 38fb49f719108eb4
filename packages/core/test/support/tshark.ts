import { execFileSync } from 'node:child_process'

/** A packet as Wireshark sees it. */
export interface SeenPacket {
  readonly stream: number
  readonly source: string
  readonly destination: string
  readonly sourcePort: number
  readonly destinationPort: number
  readonly syn: boolean
  readonly fin: boolean
  readonly reset: boolean
  readonly payload: Buffer
}

export interface SeenCapture {
  readonly packets: readonly SeenPacket[]
  /** What Wireshark finds wrong, and checksums that are not right. */
  readonly complaints: readonly string[]
}

const FIELDS = [
  'tcp.stream',
  'ip.src',
  'ip.dst',
  'ipv6.src',
  'ipv6.dst',
  'tcp.srcport',
  'tcp.dstport',
  'tcp.flags.syn',
  'tcp.flags.fin',
  'tcp.flags.reset',
  'tcp.payload',
  'ip.checksum.status',
  'tcp.checksum.status',
  '_ws.expert.severity',
  '_ws.expert.message',
] as const

/** Severities of Wireshark's experts: a chat or note is part of every connection. */
const WARNING = 0x0060_0000

/** Good, as Wireshark counts. */
const GOOD = '1'

/** A folder that nobody has. */
const NOWHERE = '/nonexistent'

/**
 * What tshark is started with so that nothing counts that the user of this machine has set up or installed, a dissector of
 * ours included: the folder of plugins follows HOME and nothing else.
 */
export function withoutSettings(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    HOME: NOWHERE,
    XDG_CONFIG_HOME: NOWHERE,
    WIRESHARK_CONFIG_DIR: NOWHERE,
    P2PC_KEYLOGFILE: '',
  }
}

/** Reads a capture with tshark, which checks every checksum and every number of TCP. */
export function seeCapture(file: string): SeenCapture {
  const args = ['-r', file, '-n', '-T', 'fields', '-E', 'aggregator=;', ...FIELDS.flatMap(field => ['-e', field])]
  const checks = ['tcp.check_checksum:TRUE', 'ip.check_checksum:TRUE'].flatMap(preference => ['-o', preference])
  const output = execFileSync('tshark', [...args, ...checks], {
    env: withoutSettings(),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 2 ** 28,
  })
  const rows = output.split('\n').slice(0, -1)
  const complaints: string[] = []
  const packets = rows.map((row, index): SeenPacket => {
    const values = row.split('\t')
    const value = (field: (typeof FIELDS)[number]) => values[FIELDS.indexOf(field)] ?? ''
    const complain = (what: string) => void complaints.push(`packet ${index + 1}: ${what}`)
    const v4 = value('ip.src') !== ''
    if (v4 && value('ip.checksum.status') !== GOOD) complain('IP checksum')
    if (value('tcp.checksum.status') !== GOOD) complain('TCP checksum')
    if (
      value('_ws.expert.severity')
        .split(';')
        .some(severity => Number(severity) >= WARNING)
    ) {
      complain(value('_ws.expert.message'))
    }
    return {
      stream: Number(value('tcp.stream')),
      source: value(v4 ? 'ip.src' : 'ipv6.src'),
      destination: value(v4 ? 'ip.dst' : 'ipv6.dst'),
      sourcePort: Number(value('tcp.srcport')),
      destinationPort: Number(value('tcp.dstport')),
      syn: value('tcp.flags.syn') === '1',
      fin: value('tcp.flags.fin') === '1',
      reset: value('tcp.flags.reset') === '1',
      payload: Buffer.from(value('tcp.payload'), 'hex'),
    }
  })
  return { packets, complaints }
}

/** All that one end of a connection said. */
export function saidBy(packets: readonly SeenPacket[], stream: number, end: 'dialler' | 'listener'): Buffer {
  const ours = packets.filter(packet => packet.stream === stream)
  const [first] = ours
  const isDialler = (packet: SeenPacket) => packet.sourcePort === first?.sourcePort
  return Buffer.concat(ours.filter(packet => isDialler(packet) === (end === 'dialler')).map(({ payload }) => payload))
}

/** What a file says of itself. */
export function capinfos(file: string): string {
  return execFileSync('capinfos', [file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
}
