import type { BodyPart } from './body-part.ts'
import type { JsonField, JsonFields } from './json-field.ts'
import type { MessageType } from './message-type.ts'

/** A field of a message as the tools show it. */
export interface ShownField {
  readonly name: string
  /** What people read before its value. */
  readonly title: string
  readonly kind: 'number' | 'text' | 'bytes'
}

/** A field of a JSON body. In its path `.` goes into an object and `[]` into each element of an array. */
export interface ShownMember extends ShownField {
  readonly path: string
  readonly as: 'string' | 'number' | 'boolean'
}

const PART_KINDS = {
  u32: 'number',
  u64: 'number',
  offset: 'number',
  text: 'text',
  bytes: 'bytes',
  rest: 'bytes',
} as const

/** The text that a body with a mark begins with. */
export const MARK_FIELD: ShownField = { name: 'magic', title: 'Magic', kind: 'text' }

export function shownPart({ name, show = name, title = capital(name), kind }: BodyPart): ShownField {
  return { name: show, title, kind: PART_KINDS[kind] }
}

/** All fields of a JSON body, those of its objects and lists included, in the order of their description. */
export function shownMembers({ fields, either }: Pick<MessageType, 'fields' | 'either'>): ShownMember[] {
  return [fields ?? {}, ...either].flatMap(some => membersOf(some, ''))
}

/** All fields of a message, in the order in which they stand in it. */
export function shownFields(type: MessageType): ShownField[] {
  return [...(type.mark === '' ? [] : [MARK_FIELD]), ...type.parts.map(shownPart), ...shownMembers(type)]
}

function membersOf(fields: JsonFields, before: string): ShownMember[] {
  return Object.entries(fields).flatMap(([name, field]) => membersAt(field, before + name))
}

function membersAt(field: JsonField, path: string): ShownMember[] {
  if (field.kind === 'object') return membersOf(field.fields, `${path}.`)
  if (field.kind === 'list') return membersAt(field.item, `${path}[]`)
  const name = field.show ?? path
  const as = field.kind === 'number' || field.kind === 'boolean' ? field.kind : 'string'
  return [{ name, title: field.title ?? capital(name), kind: as === 'number' ? 'number' : 'text', path, as }]
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1)
}
