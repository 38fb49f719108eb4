import type { JsonField, JsonFields } from '@p2p-secure-chat/core/wire/json-field'

/** Values at the edges of what a field may be, as they stand in JSON. */
export interface Edges {
  readonly inside: readonly unknown[]
  readonly outside: readonly unknown[]
}

/** The edges of an object with these fields: one of them at an edge, or missing, and all others inside. */
export function objectEdges(fields: JsonFields): Edges {
  const edges = Object.entries(fields).map(([name, field]) => [name, field, edgesOf(field)] as const)
  const usual = Object.fromEntries(edges.map(([name, , { inside }]) => [name, inside[0]]))
  const without = (left: string) => Object.fromEntries(Object.entries(usual).filter(([name]) => name !== left))
  const at = (side: keyof Edges) =>
    edges.flatMap(([name, , all]) => all[side].map(value => ({ ...usual, [name]: value })))
  const missing = (optional: boolean) =>
    edges.flatMap(([name, field]) => ((field.optional ?? false) === optional ? [without(name)] : []))
  return {
    inside: [usual, { ...usual, unheardOf: 1 }, ...at('inside'), ...missing(true)],
    outside: [...at('outside'), ...missing(false), [], 'text', 1, true],
  }
}

/** The edges of one field. */
function edgesOf(field: JsonField): Edges {
  const { inside, outside } = edgesOfKind(field)
  return field.nullable ? { inside: [...inside, null], outside } : { inside, outside: [...outside, null] }
}

function edgesOfKind(field: JsonField): Edges {
  switch (field.kind) {
    case 'text':
      return textEdges(field)
    case 'hex':
      return hexEdges(field.bytes)
    case 'number': {
      const { least, most } = field
      return { inside: [least, most], outside: [least - 1, most + 1, least + 0.5, String(least), true] }
    }
    case 'counter':
      return { inside: ['0', `1${'0'.repeat(19)}`], outside: ['', '01', '-1', '1.0', `1${'0'.repeat(20)}`, 1] }
    case 'decimal':
      return { inside: ['0', '-20.05', '9'.repeat(1_000)], outside: ['', '.5', '5.', '1e5', '+1', '1 ', 'NaN', 1] }
    case 'boolean':
      return { inside: [true, false], outside: [0, 1, 'true'] }
    case 'word':
      return {
        inside: field.words,
        outside: ['', 'unheard-of', field.words[0]?.toUpperCase(), `${field.words[0]} `, 1],
      }
    case 'list':
      return listEdges(field)
    case 'object': {
      if (field.unchecked) return { inside: [{}, { key: 1 }], outside: ['text', 1] }
      return objectEdges(field.fields)
    }
  }
}

function textEdges({ least, most, of }: JsonField & { kind: 'text' }): Edges {
  const letter = of?.slice(0, 1) ?? 'x'
  const long = most === Infinity ? [] : [letter.repeat(most + 1)]
  const short = least === 0 ? [] : [letter.repeat(least - 1)]
  const strange = of === null ? [] : ['\u00e4', `${letter}\n`, ' '].map(text => text.padStart(least, letter))
  return {
    inside: [letter.repeat(least), ...(most === Infinity ? ['\u{1f375} tea'] : [letter.repeat(most)])],
    outside: [...long, ...short, ...strange, 1, ['text']],
  }
}

function hexEdges(bytes: number | null): Edges {
  const right = 'ab'.repeat(bytes ?? 1)
  const longer = bytes === null ? [] : [`${right}ab`]
  return {
    inside: [right],
    outside: [...longer, right.slice(1), right.slice(2), right.toUpperCase(), `${right.slice(1)}g`, 1],
  }
}

function listEdges({ item, least, most }: JsonField & { kind: 'list' }): Edges {
  const edges = edgesOf(item)
  const copies = (count: number) => Array<unknown>(count).fill(edges.inside[0])
  const filled = (value: unknown) => [...copies(Math.max(0, least - 1)), value]
  return {
    inside: [copies(least), copies(most), ...edges.inside.map(filled)],
    outside: [copies(most + 1), ...(least === 0 ? [] : [copies(least - 1)]), ...edges.outside.map(filled), {}, 'text'],
  }
}
