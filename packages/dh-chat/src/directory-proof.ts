import { createHash } from 'node:crypto'
import type { Authentication, Prove } from '@p2p-secure-chat/basic-p2p/directory/authentication'
import { PROOF } from '@p2p-secure-chat/basic-p2p/messages/directory'
import { type RandomSource, randomBytes } from '@p2p-secure-chat/core/cipher/random-pool'
import { ChatError, rethrowUnless } from '@p2p-secure-chat/core/errors'
import { objectSchema } from '@p2p-secure-chat/core/wire/json-message-type'
import * as v from 'valibot'
import { fingerprint, publicKeyFromText, publicKeyToText, signed, verify } from './identity/ed25519-key.ts'
import type { Identity } from './identity/identity.ts'
import type { SecureProtocol } from './handshake/key-schedule.ts'

const CONTEXT = 'p2p-secure-chat directory/1 registration'

/** Bytes of the directory's nonce and of the client's. */
export const PROOF_NONCE_BYTES = 32

const proofSchema = objectSchema(PROOF)
const nonceSchema = objectSchema({ nonce: PROOF.nonce })

/** Everything a proof is bound to: it is invalid at another time or directory, and for another name or rung. */
interface Registration {
  /** Of the directory and of the client, in hex. */
  readonly nonces: readonly [directory: string, client: string]
  readonly key: Uint8Array
  readonly name: string
  /** The directory as IP:PORT. */
  readonly address: string
  readonly rung: SecureProtocol
}

/** The bytes to sign (docs/protocol.md, Directory). */
function toBeSigned({ nonces, key, name, address, rung }: Registration): Uint8Array {
  const hash = createHash('sha256')
  for (const nonce of nonces) hash.update(nonce, 'hex')
  hash.update(key)
  for (const text of [name, address, rung]) hash.update(Uint8Array.of(Buffer.byteLength(text))).update(text)
  return signed(CONTEXT, hash.digest())
}

/**
 * Proves to a directory that the key behind a name is ours.
 *
 * @param random source of the client's nonce
 * @returns a function that makes the proof; it throws ChatError `bad-message` when the directory's nonce is invalid
 */
export function proveRegistration(identity: Identity, rung: SecureProtocol, random: RandomSource = randomBytes): Prove {
  return (context, address) => {
    if (!v.is(nonceSchema, context)) throw new ChatError('bad-message', 'the directory sent no valid nonce to sign')
    const nonce = Buffer.from(random(PROOF_NONCE_BYTES)).toString('hex')
    const { key } = identity
    const bytes = toBeSigned({ nonces: [context.nonce, nonce], key, name: context.name, address, rung })
    const signature = Buffer.from(identity.sign(bytes)).toString('base64url')
    return { key: publicKeyToText(key), nonce, address, signature }
  }
}

/**
 * Checks the proofs of proveRegistration on the directory's side.
 *
 * @returns a check that throws ChatError `bad-proof` for every fault
 */
export function verifyRegistration(rung: SecureProtocol): Authentication {
  return {
    verify(proof, context, addresses) {
      const parsed = v.safeParse(proofSchema, proof)
      if (!parsed.success) throw new ChatError('bad-proof', `the proof is malformed: ${parsed.issues[0].message}`)
      const { nonce, address, signature } = parsed.output
      if (!addresses.includes(address)) {
        throw new ChatError('bad-proof', `the proof is for ${address}, but this directory is ${addresses.join(' or ')}`)
      }
      const key = readKey(parsed.output.key)
      const bytes = toBeSigned({ nonces: [context.nonce, nonce], key, name: context.name, address, rung })
      if (!verify(key, bytes, Buffer.from(signature, 'base64url'))) {
        throw new ChatError('bad-proof', 'the signature of the proof is wrong')
      }
      return fingerprint(key)
    },
  }
}

function readKey(text: string): Uint8Array {
  try {
    return publicKeyFromText(text)
  } catch (cause) {
    rethrowUnless(cause)
    throw new ChatError('bad-proof', `the key of the proof is invalid: ${cause.message}`, { cause })
  }
}
