import { CONVERSATION } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { binaryMessageType } from '@p2p-secure-chat/core/wire/binary-message-type'
import { bytes, rest } from '@p2p-secure-chat/core/wire/body-part'
import { COMMON, RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import type { ProtocolDescription } from '@p2p-secure-chat/core/wire/hello'
import { UPGRADE } from '@p2p-secure-chat/dh-chat/messages'

/** A record of the aes rung. */
export const SEALED_RECORD = binaryMessageType({
  ...RECORD,
  parts: [
    bytes('iv', 16, { show: 'record.iv', title: 'IV' }),
    rest('ciphertext', {
      least: 16,
      most: RECORD.limit - 48,
      step: 16,
      show: 'record.ciphertext',
      title: 'Ciphertext',
    }),
    bytes('tag', 32, { show: 'record.tag', title: 'Tag' }),
  ],
  example: {
    iv: new Uint8Array(16).fill(0x1f),
    ciphertext: new Uint8Array(80).fill(0xc1),
    tag: new Uint8Array(32).fill(0x7a),
  },
})

/** As the last frame of a batch, it announces that the next record of this direction uses the next secret. */
export const KEY_UPDATE = binaryMessageType({
  type: 0x41,
  name: 'KEY_UPDATE',
  from: 'inside a record, aes rung',
  phase: 'records',
  parts: [],
  example: {},
})

export const PEER_AES: ProtocolDescription = {
  name: 'peer-aes/1',
  wire: [...COMMON, ...UPGRADE, SEALED_RECORD],
  records: [...CONVERSATION, KEY_UPDATE],
}
