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
