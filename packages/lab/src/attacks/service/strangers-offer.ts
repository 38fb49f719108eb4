import { randomBytes } from '@p2p-secure-chat/core/cipher/random-pool'
import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { generateKeyPair, publicValueToBytes } from '@p2p-secure-chat/core/dh/key-pair'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { NONCE_BYTES, OFFER } from '@p2p-secure-chat/dh-chat/messages'
import { protocolOf, type SecureRung } from '../../rungs.ts'

/**
 * Hello and OFFER in one group, as bytes. Each time they are sent they make the callee compute; mallory, who sends the same
 * ones again and hangs up on every answer, has computed once.
 */
export function strangersOffer(rung: SecureRung, group: string): Uint8Array {
  const offered = namedGroup(group)
  const value = publicValueToBytes(offered, generateKeyPair(offered).publicKey)
  const offer = OFFER.message({
    groups: [group],
    group,
    public: Buffer.from(value).toString('hex'),
    nonce: Buffer.from(randomBytes(NONCE_BYTES)).toString('hex'),
  })
  return Buffer.concat([HELLO.message({ protocol: protocolOf(rung) }), offer].map(encodeFrame))
}
