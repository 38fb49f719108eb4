import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { KEY_LINES, SCENES } from '../support/scenes.ts'
import { SHIPPED, VIEWS } from '../support/shipped.ts'
import { captureOf, PLUGIN, seenByReader } from '../support/wireshark.ts'

/** A list of C++. */
interface Vector<T> {
  size(): number
  get(index: number): T
}

interface TreeNode {
  readonly label: string
  /** What to filter for: `p2pc.id == 1`. */
  readonly filter: string
  readonly tree: Vector<TreeNode>
}

/** What is used here of Wireshark as a module of WebAssembly. */
interface Wiregasm {
  readonly FS: { writeFile(path: string, content: Uint8Array | string): void }
  init(): void
  setPref(module: string, name: string, value: string): unknown
  readonly DissectSession: new (
    path: string,
  ) => {
    load(): unknown
    getFrames(filter: string, skip: number, limit: number): { readonly frames: Vector<{ readonly number: number }> }
    getFrame(number: number): { readonly tree: Vector<TreeNode> }
    delete(): void
  }
}

const require = createRequire(import.meta.url)
const dist = join(dirname(require.resolve('@goodtools/wiregasm/package.json')), 'dist')

const all = <T>(list: Vector<T>): T[] => Array.from({ length: list.size() }, (_, i) => list.get(i))
const nodesIn = (tree: Vector<TreeNode>): TreeNode[] => all(tree).flatMap(node => [node, ...nodesIn(node.tree)])

let wireshark: Wiregasm

beforeAll(async () => {
  const load: (options: object) => Promise<Wiregasm> = require(join(dist, 'wiregasm.js'))
  const silent = () => undefined
  wireshark = await load({
    locateFile: (file: string) => join(dist, file),
    print: silent,
    printErr: silent,
    handleStatus: silent,
  })
  wireshark.FS.writeFile('/plugins/p2p-secure-chat.lua', readFileSync(PLUGIN))
  wireshark.init()
})

const shipped = (file: string) => readFileSync(join(SHIPPED, file))

/** What is in a packet's comment, this module of Wireshark tells nobody until it has seen all packets. */
const CAPTURES = [
  { capture: 'scenes', bytes: () => captureOf(SCENES), keys: KEY_LINES },
  ...VIEWS.filter(({ capture }) => capture.endsWith('.pcap')).map(({ capture, keys }) => ({
    capture,
    bytes: () => shipped(capture),
    keys: keys === undefined ? '' : shipped(keys).toString(),
  })),
]

/** A field by name and value, of what one would filter for to find it. */
function shownBy(filter: string): string[] {
  const [, name, value = ''] = /^p2pc\.([\w.]+) == (.*)$/s.exec(filter) ?? []
  if (name === undefined) return []
  const text = /^"(.*)"$/s.exec(value)?.[1]?.replace(/\\(["\\n])/g, (_, c: string) => (c === 'n' ? '\n' : c))
  const number = value.startsWith('0x') ? String(Number(value)) : value.replaceAll(':', '')
  return [`${name}=${text ?? number}`]
}

/** Wireshark 4.4 brings Lua 5.4, where 4.0 brings 5.2: the same file must do the same there. */
test.each(CAPTURES)('under Lua 5.4 and Wireshark 4.4 it shows of $capture what the reader sees', ({ bytes, keys }) => {
  const capture = bytes()
  wireshark.FS.writeFile('/uploads/keys', keys)
  wireshark.setPref('p2pc', 'keylog', '/uploads/keys')
  wireshark.FS.writeFile('/uploads/capture', capture)
  const session = new wireshark.DissectSession('/uploads/capture')
  session.load()

  const shown: Record<number, string[]> = {}
  for (const { number } of all(session.getFrames('p2pc', 0, 0).frames)) {
    const nodes = nodesIn(session.getFrame(number).tree)
    expect(nodes.filter(({ label }) => label.includes('Lua Error'))).toEqual([])
    shown[number] = nodes.flatMap(({ filter }) => shownBy(filter)).filter(field => !field.startsWith('response_in='))
  }
  session.delete()
  const seen = [...seenByReader(capture, keys)].map(([number, { fields }]): [number, string[]] => [
    number,
    fields.map(field => field.replace(/ \[[0-9a-f]*\]$/, '')),
  ])
  expect(shown).toEqual(Object.fromEntries(seen))
})
