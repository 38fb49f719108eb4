interface Named<Name extends string> {
  /** The name of its value in the program, and of the field that the tools show where `show` names no other. */
  readonly name: Name
  readonly show?: string
  readonly title?: string
}

type PartKind =
  | { readonly kind: 'u32' | 'u64' }
  /** A u64 that counts bytes: at most 2^53 - 1, so that it is exact as a double. */
  | { readonly kind: 'offset' }
  /** UTF-8 up to the end of the body, of at most `most` bytes. */
  | { readonly kind: 'text'; readonly most: number }
  | { readonly kind: 'bytes'; readonly size: number }
  /** All bytes that no other part takes: `least` to `most` of them, and a multiple of `step`. */
  | { readonly kind: 'rest'; readonly least: number; readonly most: number; readonly step: number }

/** A piece of a binary body. `Value` is what it is in the program, and no part of the data. */
export type BodyPart<Name extends string = string, Value = unknown> = Named<Name> &
  PartKind & { readonly value?: Value }

/** What a body of these parts is in the program. */
export type ValuesOfParts<Parts extends readonly BodyPart[]> = {
  readonly [Part in Parts[number] as Part['name']]: Part extends { readonly value?: infer Value }
    ? Exclude<Value, undefined>
    : never
}

type Shown = Partial<Pick<Named<string>, 'show' | 'title'>>

export function u32<Name extends string>(name: Name, shown: Shown = {}): BodyPart<Name, number> {
  return { kind: 'u32', name, ...shown }
}

export function u64<Name extends string>(name: Name, shown: Shown = {}): BodyPart<Name, bigint> {
  return { kind: 'u64', name, ...shown }
}

export function offset<Name extends string>(name: Name, shown: Shown = {}): BodyPart<Name, number> {
  return { kind: 'offset', name, ...shown }
}

/** @param options with its largest size in bytes */
export function utf8<Name extends string>(
  name: Name,
  options: Shown & { readonly most: number },
): BodyPart<Name, string> {
  return { kind: 'text', name, ...options }
}

export function bytes<Name extends string>(name: Name, size: number, shown: Shown = {}): BodyPart<Name, Uint8Array> {
  return { kind: 'bytes', name, size, ...shown }
}

/** @param options with the bounds of its size in bytes */
export function rest<Name extends string>(
  name: Name,
  {
    least = 0,
    step = 1,
    ...options
  }: Shown & { readonly least?: number; readonly most: number; readonly step?: number },
): BodyPart<Name, Uint8Array> {
  return { kind: 'rest', name, least, step, ...options }
}

/** The bytes of a part, least and most. */
export function sizeOf(part: BodyPart): { readonly least: number; readonly most: number } {
  switch (part.kind) {
    case 'u32':
      return { least: 4, most: 4 }
    case 'u64':
    case 'offset':
      return { least: 8, most: 8 }
    case 'bytes':
      return { least: part.size, most: part.size }
    case 'text':
      return { least: 0, most: part.most }
    case 'rest':
      return part
  }
}
