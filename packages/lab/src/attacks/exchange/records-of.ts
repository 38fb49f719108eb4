import { sealedRecords } from '@p2p-secure-chat/aes-chat/sealed-records'
import { type RandomSource, randomBytes } from '@p2p-secure-chat/core/cipher/random-pool'
import type { RecordProtection } from '@p2p-secure-chat/core/wire/record-channel'
import type { Role } from '@p2p-secure-chat/core/wire/upgrade'
import type { TrafficSecrets } from '@p2p-secure-chat/dh-chat/handshake/handshake'
import type { SecureProtocol } from '@p2p-secure-chat/dh-chat/handshake/key-schedule'
import { keystreamProtection } from '@p2p-secure-chat/dh-chat/keystream-protection'

/**
 * The records of a rung, as its own clients make and open them, for whoever has the secrets.
 *
 * @param secrets as seen from the side of `role`; they belong to the records from here on
 * @param random for the initialisation vectors of the aes rung
 */
export function recordsOf(
  protocol: SecureProtocol,
  secrets: TrafficSecrets,
  role: Role,
  random: RandomSource = randomBytes,
): RecordProtection {
  if (protocol === 'peer-dh/1') return keystreamProtection(secrets)
  const { send, receive } = secrets
  const sendDirection = role === 'initiator' ? 0 : 1
  return sealedRecords({ sendSecret: send, receiveSecret: receive, sendDirection, random })
}
