import { pcapFile } from './capture-file.ts'
import { ALICE, BOB, FRAMES, ipv4, type Made } from './packets.ts'

/** What one side of a connection sent in one segment. */
export interface Sent {
  readonly from: 'dialler' | 'listener'
  readonly bytes: Uint8Array
}

/** A pcap file of whole TCP connections, one after the other, alice calling bob from one port after the other. */
export function recorded(...connections: readonly (readonly Sent[])[]): Uint8Array {
  const packets = connections.flatMap((sent, number) => packetsOf(sent, ALICE.port + number))
  const ethernet = FRAMES[1] ?? (packet => packet)
  return pcapFile(packets.map(made => ({ bytes: ethernet(ipv4(made)) })))
}

function packetsOf(sent: readonly Sent[], port: number): Made[] {
  const alice = { ...ALICE, port }
  const at = { dialler: 1_000, listener: 2_000 }

  function segment(from: Sent['from'], rest: Made): Made {
    const to = from === 'dialler' ? 'listener' : 'dialler'
    const ends = from === 'dialler' ? { source: alice, destination: BOB } : { source: BOB, destination: alice }
    const made = { ...ends, sequence: at[from], acknowledgment: at[to], ack: true, ...rest }
    at[from] += rest.syn === true || rest.fin === true ? 1 : (rest.payload?.length ?? 0)
    return made
  }

  return [
    segment('dialler', { syn: true, ack: false }),
    segment('listener', { syn: true }),
    segment('dialler', {}),
    ...sent.map(({ from, bytes }) => segment(from, { payload: bytes })),
    segment('dialler', { fin: true }),
    segment('listener', { fin: true }),
    segment('dialler', {}),
  ]
}
