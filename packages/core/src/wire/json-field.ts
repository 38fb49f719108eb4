/** The name under which the tools show a field; without one it goes by its path, and by that path's last word. */
export interface Shown {
  /** As in a filter of Wireshark, without the `p2pc.` before it. The same name means the same wherever it stands. */
  readonly show?: string
  /** In words, for people; the shown name with a capital letter where there is none. */
  readonly title?: string
}

/** What a value may be. Every bound is a part of it, and included. */
export type JsonKind =
  /** A string, with its length in UTF-16 code units and the one class of characters that may stand in it. */
  | { readonly kind: 'text'; readonly least: number; readonly most: number; readonly of: string | null }
  /** Lower-case hex of that many bytes; null: of any number, at least one. */
  | { readonly kind: 'hex'; readonly bytes: number | null }
  | { readonly kind: 'number'; readonly least: number; readonly most: number }
  /** An unsigned number as a decimal string, for JSON's own end before 2^64; a bigint in the program. */
  | { readonly kind: 'counter' }
  /** A number in plain decimal notation, as a string of any length. */
  | { readonly kind: 'decimal' }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'word'; readonly words: readonly string[] }
  | { readonly kind: 'list'; readonly item: JsonField; readonly least: number; readonly most: number }
  | { readonly kind: 'object'; readonly fields: JsonFields; readonly unchecked: boolean }

/** One field of a JSON body. `Value` is what it is in the program, and no part of the data. */
export type JsonField<Value = unknown> = JsonKind &
  Shown & {
    /** Whether null may stand in its place. */
    readonly nullable?: boolean
    /** Whether it may be missing. */
    readonly optional?: boolean
    readonly value?: Value
  }

export type JsonFields = Readonly<Record<string, JsonField>>

type ValueOfField<Field> = Field extends { readonly value?: infer Value } ? Exclude<Value, undefined> : never

/** What an object with these fields is in the program. */
export type ValuesOf<Fields> = {
  -readonly [Name in keyof Fields as Fields[Name] extends { optional: true } ? never : Name]: ValueOfField<Fields[Name]>
} & {
  -readonly [Name in keyof Fields as Fields[Name] extends { optional: true } ? Name : never]?:
    | ValueOfField<Fields[Name]>
    | undefined
}

/** Any text: the code that reads it knows what to make of it. */
export function text({
  least = 0,
  most = Infinity,
  of,
  ...shown
}: Shown & Partial<Bounds> & { readonly of?: string } = {}): JsonField<string> {
  return { kind: 'text', least, most, of: of ?? null, ...shown }
}

interface Bounds {
  readonly least: number
  readonly most: number
}

/** @param bytes how many; null for any number but none */
export function hex(bytes: number | null, shown: Shown = {}): JsonField<string> {
  return { kind: 'hex', bytes, ...shown }
}

/** A whole number, exact as a double. */
export function whole({
  least = 0,
  most = Number.MAX_SAFE_INTEGER,
  ...shown
}: Shown & Partial<Bounds> = {}): JsonField<number> {
  return { kind: 'number', least, most, ...shown }
}

export function counter(shown: Shown = {}): JsonField<bigint> {
  return { kind: 'counter', ...shown }
}

export function decimal(shown: Shown = {}): JsonField<string> {
  return { kind: 'decimal', ...shown }
}

export function boolean(shown: Shown = {}): JsonField<boolean> {
  return { kind: 'boolean', ...shown }
}

/** One of these words. */
export function oneOf<const Word extends string>(words: readonly Word[], shown: Shown = {}): JsonField<Word> {
  return { kind: 'word', words, ...shown }
}

/** @param bounds of its length */
export function list<Value>(
  item: JsonField<Value>,
  { least = 0, most }: { least?: number; most: number },
): JsonField<readonly Value[]> {
  return { kind: 'list', item, least, most }
}

export function object<Fields extends JsonFields>(fields: Fields): JsonField<ValuesOf<Fields>> {
  return { kind: 'object', fields, unchecked: false }
}

/** An object that another part of the program reads, with an error of its own: here it only has to be one. */
export function unchecked(fields: JsonFields): JsonField<Record<string, unknown>> {
  return { kind: 'object', fields, unchecked: true }
}

export function nullable<Value>(field: JsonField<Value>): JsonField<Value | null> {
  return { ...field, nullable: true }
}

export function optional<Value>(field: JsonField<Value>): JsonField<Value> & { readonly optional: true } {
  return { ...field, optional: true }
}
