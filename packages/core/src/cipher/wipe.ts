/**
 * Overwrites keys and other secrets with zeros, so that a later leak of memory does not hold them. It reaches these
 * bytes only: not copies made elsewhere, and never a `bigint`, which can only be dropped.
 */
export function wipe(...secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0)
}
