import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { captureDecoder } from '../../src/capture/capture-decoder.ts'
import type { CaptureItem } from '../../src/capture/capture-item.ts'

/** All that belongs into a folder of captures. */
const FILES = [
  'Legacy.pcap',
  'SHA256SUMS',
  'Task1.pcap',
  'Task2.pcap',
  'Task3-with-keys.pcapng',
  'Task3.keys',
  'Task3.pcap',
  'Task4-with-keys.pcapng',
  'Task4.keys',
  'Task4.pcap',
  'Toy.pcap',
]

/** Beginnings of paths on the machine that recorded. */
const PATHS = /\/(?:tmp|home|root|Users)\//

/** Short enough to be read to its end. */
const MOST_PACKETS = 250

/** What is wrong with the files of a folder of captures, whatever they show. */
export function captureFaults(folder: string): string[] {
  const faults: string[] = []
  const files = readdirSync(folder).filter(file => file !== 'README.md')
  if (files.sort().join() !== FILES.join()) faults.push(`it has the files ${files.join()}`)

  const sums = readFileSync(join(folder, 'SHA256SUMS'), 'utf8')
  const right = files.filter(file => file !== 'SHA256SUMS').map(file => `${sha256(join(folder, file))}  ${file}\n`)
  if (sums !== right.join('')) faults.push('SHA256SUMS is not right')

  for (const file of files) {
    const bytes = readFileSync(join(folder, file))
    if (PATHS.test(bytes.toString('latin1'))) faults.push(`${file}: it has a path of some machine in it`)
    if (!/\.pcap(?:ng)?$/.test(file)) continue
    const packets = packetsOf(bytes)
    if (packets.length < 10 || packets.length > MOST_PACKETS) faults.push(`${file}: it has ${packets.length} packets`)
    if (packets.some(packet => !isOurs(packet))) faults.push(`${file}: it has hardware addresses that are none of ours`)
  }

  for (const task of ['Task3', 'Task4']) {
    const [plain, withKeys] = [`${task}.pcap`, `${task}-with-keys.pcapng`].map(file =>
      packetsOf(readFileSync(join(folder, file))),
    )
    const keys = readFileSync(join(folder, `${task}.keys`), 'utf8')
    if (withKeys?.[0]?.comments.join() !== keys) faults.push(`${task}: the comment is not the key log`)
    const same = plain?.every(({ bytes, time }, i) => {
      const copy = withKeys?.[i]
      return copy !== undefined && time === copy.time && Buffer.from(bytes).equals(copy.bytes)
    })
    if (!same || plain?.length !== withKeys?.length) faults.push(`${task}: the copy has other packets`)
  }
  return faults
}

type Packet = Extract<CaptureItem, { readonly bytes: Uint8Array }>

function packetsOf(file: Uint8Array): Packet[] {
  const packets: Packet[] = []
  const take = (item: CaptureItem) => {
    if (!('bytes' in item)) throw new Error(`packet ${item.packet}: ${item.what}`)
    if (item.bytes.length !== item.length) throw new Error(`packet ${item.number} is cut off`)
    packets.push(item)
  }
  const decoder = captureDecoder()
  decoder.push(file, take)
  decoder.end(take)
  return packets
}

/** Whether both addresses of an Ethernet frame are those of our hosts. */
function isOurs({ bytes }: Packet): boolean {
  const ours = /^02000000000[123]$/
  const hex = Buffer.from(bytes).toString('hex')
  return ours.test(hex.slice(0, 12)) && ours.test(hex.slice(12, 24))
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}
