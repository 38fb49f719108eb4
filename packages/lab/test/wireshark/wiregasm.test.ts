import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { KEY_LINES, SCENES } from '../support/scenes.ts'
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
  }
}

const require = createRequire(import.meta.url)
const dist = join(dirname(require.resolve('@goodtools/wiregasm/package.json')), 'dist')

const all = <T>(list: Vector<T>): T[] => Array.from({ length: list.size() }, (_, i) => list.get(i))
const nodesIn = (tree: Vector<TreeNode>): TreeNode[] => all(tree).flatMap(node => [node, ...nodesIn(node.tree)])

/** Wireshark 4.4 brings Lua 5.4, where 4.0 brings 5.2: the same file must do the same there. */
test('under Lua 5.4 and Wireshark 4.4 it shows the same fields', { timeout: 60_000 }, async () => {
  const load: (options: object) => Promise<Wiregasm> = require(join(dist, 'wiregasm.js'))
  const silent = () => undefined
  const wireshark = await load({
    locateFile: (file: string) => join(dist, file),
    print: silent,
    printErr: silent,
    handleStatus: silent,
  })
  wireshark.FS.writeFile('/plugins/p2p-secure-chat.lua', readFileSync(PLUGIN))
  wireshark.init()
  wireshark.FS.writeFile('/uploads/keys', KEY_LINES)
  wireshark.setPref('p2pc', 'keylog', '/uploads/keys')
  const capture = captureOf(SCENES)
  wireshark.FS.writeFile('/uploads/scenes.pcapng', capture)
  const session = new wireshark.DissectSession('/uploads/scenes.pcapng')
  session.load()

  const shown: Record<number, string[]> = {}
  for (const { number } of all(session.getFrames('p2pc', 0, 0).frames)) {
    const nodes = nodesIn(session.getFrame(number).tree)
    expect(nodes.filter(({ label }) => label.includes('Lua Error'))).toEqual([])
    const names = nodes.flatMap(({ filter }) => /^p2pc\.([\w.]+) ==/.exec(filter)?.[1] ?? [])
    shown[number] = names.filter(name => name !== 'response_in')
  }
  const seen = [...seenByReader(capture, KEY_LINES)].map(([number, { fields }]): [number, string[]] => [
    number,
    fields.map(field => field.slice(0, field.indexOf('='))),
  ])
  expect(shown).toEqual(Object.fromEntries(seen))
})
