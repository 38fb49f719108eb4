import type { Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import type { DhUpgradeOptions } from '@p2p-secure-chat/dh-chat/dh-upgrade'
import { authenticatedUpgrade } from '@p2p-secure-chat/dh-chat/handshake/handshake-upgrade'
import { sealedRecords } from './sealed-records.ts'

/** The upgrade of this rung: the handshake of the rung below, then records that nobody can read or alter unnoticed. */
export function aesUpgrade(options: DhUpgradeOptions): Upgrade {
  return authenticatedUpgrade({
    ...options,
    protocol: 'peer-aes/1',
    integrity: true,
    protect: (secrets, role) =>
      sealedRecords({
        sendSecret: secrets.send,
        receiveSecret: secrets.receive,
        sendDirection: role === 'initiator' ? 0 : 1,
      }),
  })
}
