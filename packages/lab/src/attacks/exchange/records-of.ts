import { sealedRecords } from '@p2p-secure-chat/aes-chat/sealed-records'
import type { RecordProtection } from '@p2p-secure-chat/core/wire/record-protection'
import type { Role } from '@p2p-secure-chat/core/wire/upgrade'
import type { TrafficSecrets } from '@p2p-secure-chat/dh-chat/handshake/handshake'
import type { SecureProtocol } from '@p2p-secure-chat/dh-chat/handshake/key-schedule'
import { keystreamProtection } from '@p2p-secure-chat/dh-chat/keystream-protection'

/**
 * The records of a rung, as its own clients make and open them, for whoever has the secrets.
 *
 * @param secrets as seen from the side of `role`; they belong to the records from here on
 */
export function recordsOf(protocol: SecureProtocol, secrets: TrafficSecrets, role: Role): RecordProtection {
  if (protocol === 'peer-dh/1') return keystreamProtection(secrets)
  const { send, receive } = secrets
  return sealedRecords({ sendSecret: send, receiveSecret: receive, sendDirection: role === 'initiator' ? 0 : 1 })
}
