/** What every command about an identity knows of whom it is for. */
export interface Request {
  readonly name: string
  /** The folder of identities. */
  readonly home: string
  /** Where the passphrase is that opens the key; null where nobody said so. */
  readonly passphraseFile: string | null
  /** Whether there is a person to ask. */
  readonly interactive: boolean
  /** Tells a person something beside the result. */
  readonly note: (text: string) => void
}

/** A command that can encrypt the key anew. */
export interface EncryptingRequest extends Request {
  /** Where the new passphrase is, its first line; an empty one means none. Null where nobody said so. */
  readonly newPassphraseFile: string | null
}
