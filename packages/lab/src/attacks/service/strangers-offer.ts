import { randomBytes } from '@p2p-secure-chat/core/cipher/random-pool'
import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { generateKeyPair, publicValueToBytes } from '@p2p-secure-chat/core/dh/key-pair'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { helloMessage } from '@p2p-secure-chat/core/wire/hello'
import { NONCE_BYTES, offerMessage } from '@p2p-secure-chat/dh-chat/handshake/handshake-messages'
import { protocolOf, type SecureRung } from '../../stage/rungs.ts'

/**
 * Hello and OFFER in one group, as bytes. Each time they are sent they make the callee compute; mallory, who sends the same
 * ones again and hangs up on every answer, has computed once.
 */
export function strangersOffer(rung: SecureRung, group: string): Uint8Array {
  const offered = namedGroup(group)
  const value = publicValueToBytes(offered, generateKeyPair(offered).publicKey)
  const offer = offerMessage({
    groups: [group],
    group,
    public: Buffer.from(value).toString('hex'),
    nonce: Buffer.from(randomBytes(NONCE_BYTES)).toString('hex'),
  })
  return Buffer.concat([helloMessage({ protocol: protocolOf(rung) }), offer].map(encodeFrame))
}
