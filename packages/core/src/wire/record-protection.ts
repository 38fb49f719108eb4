/**
 * Turns a batch, one or more messages encoded as frames back to back, into the body of one RECORD frame, and back. One
 * protection serves one connection: sealing and opening have their own keys and go on independently.
 */
export interface RecordProtection {
  /** Largest batch in bytes that one record carries. */
  readonly capacity: number

  /**
   * Protects a batch for the wire. Records must be sent in the order in which they were sealed.
   *
   * @throws {ChatError} `session-limit` when the keys have carried all they may, `closed` after wipe(), and after a
   * failed open() its error
   * @throws {RangeError} when the batch is empty or larger than the capacity
   */
  seal(batch: Uint8Array): Uint8Array

  /**
   * Takes the protection off, of records in the order in which they arrived.
   *
   * @returns the batch, never empty, in a buffer of its own
   * @throws {ChatError} `bad-record`, one failure path, no reason; `session-limit` and `closed` as in seal()
   */
  open(body: Uint8Array): Uint8Array

  /** Zeroes all keys, once the connection is over. Safe to call again. */
  wipe(): void
}
