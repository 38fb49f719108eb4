import { expandLabel, hkdfExtract } from '@p2p-secure-chat/core/cipher/hkdf'
import type { Role } from '@p2p-secure-chat/core/wire/upgrade'

/** The protocols that begin with this handshake. */
export type SecureProtocol = 'peer-dh/1' | 'peer-aes/1'

/** Bytes of each key and secret. */
const KEY_BYTES = 32

/** The keys that protect the IDENTITY of one side. */
export interface IdentityKeys {
  /** Hides the identity from eavesdroppers. */
  readonly encryption: Uint8Array
  /** Shows that the ciphertext is unaltered. */
  readonly tag: Uint8Array
  /** Binds the identity to this exchange, so that nobody else can claim it (identity misbinding). */
  readonly mac: Uint8Array
}

/** Derived from the shared secret and the transcript up to ANSWER. */
export interface HandshakeKeys extends Readonly<Record<Role, IdentityKeys>> {
  readonly secret: Uint8Array
}

/** Derived from the handshake secret and the complete transcript. */
export interface SessionKeys {
  readonly secret: Uint8Array
  /** Shows that the responder has accepted the initiator's identity. */
  readonly confirm: Uint8Array
  /** One secret for each direction, by its sender; the keys of its records are derived from it. */
  readonly traffic: Readonly<Record<Role, Uint8Array>>
}

/**
 * The keys of the handshake (docs/protocol.md, Key schedule). Each purpose and direction has its own label, so no key ever
 * serves two purposes.
 *
 * @param t1 H(T1), 32 bytes
 * @param shared the Diffie-Hellman secret as bytes of exactly the length of p
 */
export function handshakeKeys(protocol: SecureProtocol, t1: Uint8Array, shared: Uint8Array): HandshakeKeys {
  return handshakeKeysOf(protocol, hkdfExtract(t1, shared))
}

/** The same, given the handshake secret, for a reader who has only that; the keys own it from here on. */
export function handshakeKeysOf(protocol: SecureProtocol, secret: Uint8Array): HandshakeKeys {
  const expand = (label: string) => expandLabel(secret, `p2p-secure-chat ${protocol} ${label}`, KEY_BYTES)
  const identityKeys = (role: Role) => ({
    encryption: expand(`${role} identity encryption`),
    tag: expand(`${role} identity tag`),
    mac: expand(`${role} identity mac`),
  })
  return { secret, initiator: identityKeys('initiator'), responder: identityKeys('responder') }
}

/**
 * The keys of the session. They depend on everything that both sides sent, including identities and names.
 *
 * @param t3 H(T3), 32 bytes
 * @param handshakeSecret the secret of handshakeKeys
 */
export function sessionKeys(protocol: SecureProtocol, t3: Uint8Array, handshakeSecret: Uint8Array): SessionKeys {
  return sessionKeysOf(protocol, hkdfExtract(t3, handshakeSecret))
}

/** The same, given the session secret; the keys own it from here on. */
export function sessionKeysOf(protocol: SecureProtocol, secret: Uint8Array): SessionKeys {
  const expand = (label: string) => expandLabel(secret, `p2p-secure-chat ${protocol} ${label}`, KEY_BYTES)
  return {
    secret,
    confirm: expand('responder confirm'),
    traffic: { initiator: expand('initiator traffic'), responder: expand('responder traffic') },
  }
}
