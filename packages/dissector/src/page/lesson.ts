/** What protects a field where it stands: nothing, the transcript of the handshake, a key stream, or a sealed record. */
export type Situation = 'plain' | 'handshake' | 'keystream' | 'sealed'

/** What a field teaches. */
export interface Lesson {
  readonly what: string
  readonly why: string
  /** What follows if somebody on the path changes it and nothing notices; for a computed field, what follows from it. */
  readonly changed: string
  /** Never on the wire: `changed` holds in every situation. */
  readonly computed?: true
  /** Where the general words about the handshake, the key stream or the tag are not the truth about this field. */
  readonly handshake?: string
  readonly keystream?: string
  readonly sealed?: string
}

/** A lesson, and another one for messages in which the same name means something else. */
export type LessonOfField = Lesson & { readonly in?: Readonly<Record<string, Lesson>> }
