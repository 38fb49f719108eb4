import { loadOrCreateIdentity } from '../../src/identity/identity-file.ts'

/** Sees to it that a name has an identity, without a passphrase, so that a terminal does not ask for one. */
export async function identityFor(home: string, name: string): Promise<void> {
  await loadOrCreateIdentity({ home, name })
}
