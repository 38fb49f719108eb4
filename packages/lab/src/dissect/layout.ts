import type { FieldName } from './field.ts'

/** A piece of a binary body: a number, UTF-8 text, or bytes, of so many bytes; `rest` stands once at most. */
export interface Part {
  readonly field: FieldName
  readonly as: 'number' | 'text' | 'bytes'
  readonly size: number | 'rest'
  /** Least bytes of a `rest`. */
  readonly atLeast?: number
  /** What `rest` must be a multiple of, in bytes. */
  readonly step?: number
  /** The one text that it may be. */
  readonly equals?: string
}

/** A field of a JSON body. In its path `.` goes into an object and `[]` into each element of an array. */
export interface Member {
  readonly field: FieldName
  readonly path: string
  readonly as: 'string' | 'number' | 'boolean'
}

/** The shape of a body: binary parts, then a JSON object, if `members` is given. */
export interface Layout {
  readonly parts: readonly Part[]
  readonly members: readonly Member[] | null
}
