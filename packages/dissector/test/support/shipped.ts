import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tshark } from './wireshark.ts'

/** The captures of the repository. */
export const SHIPPED = fileURLToPath(new URL('../../../../captures/', import.meta.url))

/** A way to open a capture of such a folder. */
export interface View {
  readonly capture: string
  /** The key log that is given with it. */
  readonly keys?: string
  /** The file that says what is to be seen. A capture with its keys inside shows what the one with its key log shows. */
  readonly golden: string
}

export const VIEWS: readonly View[] = [
  ...['Task1', 'Task2', 'Task3', 'Task4', 'Legacy', 'Toy'].map(name => ({
    capture: `${name}.pcap`,
    golden: `${name}.locked.txt`,
  })),
  ...['Task3', 'Task4'].flatMap(name => [
    { capture: `${name}.pcap`, keys: `${name}.keys`, golden: `${name}.opened.txt` },
    { capture: `${name}-with-keys.pcapng`, golden: `${name}.opened.txt` },
  ]),
]

/** All that Wireshark shows of our protocol and of those that carry it, with every checksum checked. */
export function showView({ capture, keys }: View, captures: string, settings: string): string {
  const keyLog = keys === undefined ? [] : ['-o', `p2pc.keylog:${join(captures, keys)}`]
  const checks = ['-o', 'ip.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE']
  const details = ['-T', 'pdml', '-J', 'p2pc tcp ip']
  return tshark(settings, ['-2', '-n', '-r', join(captures, capture), ...checks, ...keyLog, ...details]).stdout
}
