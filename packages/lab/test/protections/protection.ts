/** A change to what was built: some text of a file, which stands there exactly once, by some other. */
export interface Edit {
  /** The source file of what is changed, as a path inside packages/. */
  readonly file: string
  /** As it stands in the built file. */
  readonly text: string
  readonly by: string
}

/** Something that an attack has to get past. */
export interface Protection {
  /** As the beginning of a row. */
  readonly name: string
  /** What a build does that has it not. */
  readonly without: string
  /** What makes such a build. */
  readonly edits: readonly Edit[]
  /** Attacks that the aes rung resists and such a build does not; and their evidence, with … for what varies in it. */
  readonly breaks: Readonly<Record<string, string>>
  /** Attacks that such a build resists all the same, because something behind it stops them; and what of it is seen. */
  readonly secondLocks?: Readonly<Record<string, string>>
}
