import { below, parsePdml, type PdmlNode } from './wireshark.ts'

const HOSTS: Readonly<Record<string, string>> = { '10.0.0.1': 'server', '10.0.0.2': 'alice', '10.0.0.3': 'bob' }

/** What is another one in each recording, and what stands there in its place. */
const CHANGING: readonly (readonly [RegExp, string])[] = [
  [/(?:\d{5} ){11}\d{5}/g, '(twelve groups)'],
  [/\b[0-9a-f]{32}\b/g, '(id)'],
]

/** Good, as Wireshark counts. */
const GOOD = '1'

/** What Wireshark says of every connection, or of none that is whole. */
const ORDINARY = /^(?:Chat: |Note: This frame (?:initiates|undergoes) the connection closing$)/

interface Conversation {
  readonly dialler: string
  readonly listener: string
  /** The messages of each side: which of two sides is heard first may be chance. */
  readonly said: Map<string, string[]>
}

/**
 * What Wireshark shows of a capture, without what is another thing in each recording: who says what, by conversation and
 * side; how often there is each field and each finding; and what else Wireshark has to complain of.
 *
 * @param pdml of all packets, with the details of `ip`, `tcp` and `p2pc`
 */
export function goldenOf(pdml: string): string {
  const conversations = new Map<string, Conversation>()
  const fields = new Map<string, number>()
  const findings = new Map<string, number>()
  const complaints = new Map<string, number>()

  for (const packet of parsePdml(pdml)) {
    const nodes = below(packet)
    const show = (name: string) => nodes.find(({ attributes }) => attributes['name'] === name)?.attributes['show'] ?? ''
    const [source, destination] = [nameOf(show('ip.src')), nameOf(show('ip.dst'))]
    for (const layer of ['ip', 'tcp']) {
      if (show(`${layer}.checksum.status`) !== GOOD) count(complaints, `Error: checksum of ${layer}`)
    }

    const stream = show('tcp.stream')
    const conversation: Conversation = conversations.get(stream) ?? {
      dialler: source,
      listener: destination,
      said: new Map([
        [source, []],
        [destination, []],
      ]),
    }
    conversations.set(stream, conversation)
    for (const message of packet.children.filter(isOurs)) {
      const found = findingsOf(message)
      for (const finding of found) count(findings, finding)
      conversation.said.get(source)?.push([lineOf(message), ...found.map(finding => `! ${finding}`)].join(' '))
      for (const { attributes } of below(message)) {
        const [, field] = /^p2pc\.(?!finding)(.+)$/.exec(attributes['name'] ?? '') ?? []
        if (field !== undefined) count(fields, field)
      }
    }
    for (const other of packet.children.filter(child => !isOurs(child)).flatMap(below)) {
      const said = expertOf(other)
      if (said !== null && !ORDINARY.test(said)) count(complaints, said)
    }
  }

  return [
    ...[...conversations.values()].flatMap(paragraphOf),
    ...listed('fields', fields),
    '',
    ...listed('findings', findings),
    '',
    ...listed('complaints', complaints),
    '',
  ].join('\n')
}

function paragraphOf({ dialler, listener, said }: Conversation): string[] {
  const sides = [...said].flatMap(([side, lines]) => [`  ${side}`, ...lines.map(line => `    ${line}`)])
  return [`${dialler} calls ${listener}`, ...sides, '']
}

function listed(title: string, counts: ReadonlyMap<string, number>): string[] {
  return [title, ...[...counts].map(([what, times]) => `  ${what} × ${times}`).sort()]
}

function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1)
}

const nameOf = (host: string) => HOSTS[host] ?? host

const isOurs = ({ attributes }: PdmlNode) => attributes['name'] === 'p2pc'

function lineOf({ attributes }: PdmlNode): string {
  const line = (attributes['showname'] ?? '').replace('P2P Secure Chat, ', '')
  return CHANGING.reduce((text, [what, placeholder]) => text.replace(what, placeholder), line)
}

/** Findings about a message and all that is inside it, with how bad they are. */
function findingsOf(message: PdmlNode): string[] {
  return below(message).flatMap(node => {
    const names = node.children.flatMap(
      ({ attributes }) => /^p2pc\.finding\.(.+)$/.exec(attributes['name'] ?? '')?.[1] ?? [],
    )
    const severity = expertOf(node)?.split(':')[0]
    return severity === undefined ? [] : names.map(name => `${severity}: ${name}`)
  })
}

/** What an expert of Wireshark says, and how bad that is. */
function expertOf({ attributes }: PdmlNode): string | null {
  const [, severity, text] = /^Expert Info \((\w+)\/\w+\): (.*)$/s.exec(attributes['showname'] ?? '') ?? []
  return severity === undefined ? null : `${severity}: ${text}`
}
