/** Small files of text that belong to one user alone. */
export interface PersonalFiles {
  /** Where a file is, for people. */
  where(file: string): string
  /**
   * @returns null when there is no such file
   * @throws {ChatError} `unreadable`
   */
  read(file: string): Promise<string | null>
  /**
   * Replaces a file as a whole; nobody else can read it.
   *
   * @throws {ChatError} `unwritable`, `disk-full`
   */
  write(file: string, text: string): Promise<void>
}
