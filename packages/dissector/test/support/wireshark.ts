import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  enhancedPacket,
  interfaceDescription,
  LINK_RAW_IP,
  sectionHeader,
} from '@p2p-secure-chat/core/capture/pcapng-writer'
import { tcpConversation } from '@p2p-secure-chat/core/capture/tcp-conversation'
import { withoutSettings } from '../../../core/test/support/tshark.ts'
import { captureDecoder } from '../../src/capture/capture-decoder.ts'
import { streams } from '../../src/capture/streams.ts'
import { dissector } from '../../src/dissect/dissector.ts'
import type { SeenFrame } from '../../src/dissect/observation.ts'
import { secretsOf } from '../../src/dissect/secrets.ts'
import { type Field, FIELDS } from '../../src/message/field.ts'
import type { Scene } from './scenes.ts'
import type { Said } from './streams.ts'

export const PLUGIN = fileURLToPath(new URL('../../wireshark/p2p-secure-chat.lua', import.meta.url))

/** One packet's fields, in the order in which they stand, as `name=value` and the bytes they stand on; then its findings. */
export interface SeenPacket {
  readonly fields: readonly string[]
  readonly findings: readonly string[]
}

export interface CaptureOptions {
  /** Cuts what a side says at once into segments. */
  readonly cut?: (bytes: Uint8Array) => Uint8Array[]
  /** Remark of a packet, by its number from 1. */
  readonly comments?: Readonly<Record<number, string>>
}

/** A capture of these connections, one after the other. */
export function captureOf(
  scenes: readonly Scene[],
  { cut = bytes => [bytes], comments = {} }: CaptureOptions = {},
): Uint8Array {
  const blocks = [
    sectionHeader({ application: 'test', comment: 'scenes' }),
    interfaceDescription({ linkType: LINK_RAW_IP, name: 'any', description: 'none' }),
  ]
  scenes.forEach((scene, i) => {
    const ends = {
      dialler: { host: '10.0.0.2', port: scene.from ?? 20_000 + i },
      listener: { host: '10.0.0.3', port: scene.port },
    }
    const deliver = (bytes: Uint8Array) => {
      const number = blocks.length - 1
      const comment = comments[number]
      const said = comment === undefined ? {} : { comments: [comment] }
      blocks.push(enhancedPacket({ time: BigInt(number) * 1_000_000n, bytes, ...said }))
    }
    const talk = tcpConversation({ ends, first: { dialler: 1_000_000 * i + 7, listener: 1_000_000 * i + 9 }, deliver })
    for (const { from, bytes } of scene.said) for (const part of cut(bytes)) talk.say(from, part)
    talk.end('dialler')
    talk.end('listener')
  })
  return Buffer.concat(blocks)
}

/** Runs tshark with the plugin alone: nothing that the user of this machine has set up counts. */
export function tshark(folder: string, args: readonly string[]): { stdout: string; stderr: string } {
  const errors = join(folder, 'stderr')
  writeFileSync(errors, '')
  const stdout = execFileSync('sh', ['-c', 'exec tshark "$@" 2>"$0"', errors, '-X', `lua_script:${PLUGIN}`, ...args], {
    encoding: 'utf8',
    env: withoutSettings(),
    maxBuffer: 2 ** 29,
  })
  return { stdout, stderr: readFileSync(errors, 'utf8') }
}

/** What Wireshark shows of our protocol, packet by packet. */
export function seenByWireshark(folder: string, file: string, args: readonly string[] = []): Map<number, SeenPacket> {
  return packetsOfPdml(
    tshark(folder, ['-2', '-r', file, '-n', '-Y', 'p2pc', '-T', 'pdml', '-J', 'p2pc', ...args]).stdout,
  )
}

/** What Wireshark says of each message in one line, behind the number of the packet. */
export function saidByWireshark(folder: string, file: string): string[] {
  const pdml = tshark(folder, ['-2', '-r', file, '-n', '-Y', 'p2pc', '-T', 'pdml', '-J', 'p2pc']).stdout
  return parsePdml(pdml).flatMap(packet => {
    const parts = Array.from(below(packet), ({ attributes }) => attributes)
    const number = parts.find(({ name }) => name === 'num')?.['show']
    const title = 'P2P Secure Chat, '
    const said = parts.flatMap(({ name, showname = '' }) =>
      name === 'p2pc' && showname.startsWith(title) ? [showname.slice(title.length)] : [],
    )
    return said.map(words => `${number} ${words}`)
  })
}

/** The same, of what tshark has shown already. */
export function packetsOfPdml(pdml: string): Map<number, SeenPacket> {
  const packets = new Map<number, SeenPacket>()
  for (const packet of parsePdml(pdml)) {
    const fields: string[] = []
    const findings: string[] = []
    let number = 0
    for (const { attributes } of below(packet)) {
      const { name: whole = '', show = '', value = '' } = attributes
      const name = whole.slice('p2pc.'.length)
      if (whole === 'num') number = Number(show)
      if (!whole.startsWith('p2pc.')) continue
      if (name.startsWith('finding.')) findings.push(name.slice('finding.'.length).replaceAll('_', '-'))
      else if (Object.hasOwn(FIELDS, name) && name !== 'response_in') fields.push(shown(name, show, value))
    }
    if (fields.length + findings.length > 0) packets.set(number, { fields, findings: findings.sort() })
  }
  return packets
}

function shown(name: string, value: string, place: string): string {
  const kind = FIELDS[name]?.kind
  const plain = kind === 'number' ? String(BigInt(value)) : value
  return `${name}=${kind === 'bytes' ? plain.replaceAll(':', '') : plain} [${place}]`
}

/** The same of the reader. */
export function seenByReader(capture: Uint8Array, keys: string): Map<number, SeenPacket> {
  const packets = new Map<number, { fields: string[]; findings: string[] }>()
  const secrets = secretsOf()
  secrets.add(keys)
  const seen = dissector(secrets)
  const decoder = captureDecoder()
  const reassembly = streams()

  function note({ at, fields, findings, bytes, plaintext }: SeenFrame): void {
    const packet = packets.get(at.packet) ?? { fields: [], findings: [] }
    packets.set(at.packet, packet)
    const add = (list: readonly Field[], on: Uint8Array) => packet.fields.push(...list.map(field => told(field, on)))
    add(fields, bytes)
    packet.findings.push(...findings.map(({ code }) => code))
    if (plaintext === null) return
    add(plaintext.fields, plaintext.bytes)
    for (const frame of plaintext.frames) {
      add(frame.fields, frame.bytes)
      packet.findings.push(...frame.findings.map(({ code }) => code))
    }
  }

  const observe = (event: Parameters<typeof seen.push>[0]) =>
    seen.push(event, observation => {
      if (observation.kind === 'frame') note(observation.frame)
    })
  const read = (item: Parameters<Parameters<typeof decoder.push>[1]>[0]) => {
    if ('what' in item) throw new Error(item.what)
    for (const comment of item.comments) secrets.add(comment)
    reassembly.push(item, observe)
  }
  decoder.push(capture, read)
  decoder.end(read)
  reassembly.end(observe)
  for (const packet of packets.values()) packet.findings.sort()
  return packets
}

function told({ name, value, place }: Field, bytes: Uint8Array): string {
  const raw = place === null ? '' : Buffer.from(bytes.subarray(place.at, place.at + place.length)).toString('hex')
  return `${name}=${visible(value)} [${raw}]`
}

/** What a side says, one byte in each segment. */
export const byteByByte = (bytes: Uint8Array): Uint8Array[] => Array.from(bytes, byte => Uint8Array.of(byte))

/** Puts all that a side says one after the other into one piece. */
export function glued(scene: Scene): Scene {
  const said: Said[] = []
  for (const { from, bytes } of scene.said) {
    const last = said.at(-1)
    if (last?.from === from) said[said.length - 1] = { from, bytes: Buffer.concat([last.bytes, bytes]) }
    else said.push({ from, bytes })
  }
  return { ...scene, said }
}

/** Control characters as tshark writes them; it has no way to write a zero byte, so the plugin puts a symbol there. */
function visible(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll('\0', '␀').replace(/[\x01-\x08\x0b\x0c\x0e-\x1f]/g, c => `\\x${c.charCodeAt(0).toString(16)}`)
}

/** A protocol or a field in what tshark writes with `-T pdml`: its attributes, and what stands below it. */
export interface PdmlNode {
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly PdmlNode[]
}

const TAG = /<(\/?)(?:packet|proto|field)\b([^>]*?)(\/?)>/g
const ATTRIBUTE = /([\w.]+)="([^"]*)"/g
const ENTITY = /&(?:#x(\w+)|(\w+));/g
const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', amp: '&', apos: "'" }

/** The packets, in their order. */
export function parsePdml(pdml: string): PdmlNode[] {
  const packets: PdmlNode[] = []
  const open = [packets]
  for (const [, closes, attributes = '', single] of pdml.matchAll(TAG)) {
    if (closes !== '') {
      open.pop()
      continue
    }
    const children: PdmlNode[] = []
    open.at(-1)?.push({ attributes: attributesOf(attributes), children })
    if (single === '') open.push(children)
  }
  return packets
}

function attributesOf(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(ATTRIBUTE)].map(([, name, value = '']) => [name, plain(value)]))
}

function plain(text: string): string {
  return text.replace(ENTITY, (all, code: string | undefined, name: string) =>
    code === undefined ? (NAMED[name] ?? all) : String.fromCodePoint(Number.parseInt(code, 16)),
  )
}

/** All that stands below it, at any depth, in the order in which tshark writes it. */
export function below(node: PdmlNode): PdmlNode[] {
  return node.children.flatMap(child => [child, ...below(child)])
}
