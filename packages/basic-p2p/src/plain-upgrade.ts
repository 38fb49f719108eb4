import { ChatError } from '@p2p-secure-chat/core/errors'
import { expectMessage } from '@p2p-secure-chat/core/wire/error-message'
import { withGoodbye } from '@p2p-secure-chat/core/wire/goodbye'
import type { Protection, Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import { checkName } from './directory/name.ts'
import { NAME, plainLimits } from './messages/conversation.ts'

const protection: Protection = { confidential: false, integrity: false }

/**
 * The honest zero: both sides state a name that nothing proves, and the conversation continues in plain frames.
 *
 * @param name our own name
 */
export function plainUpgrade(name: string): Upgrade {
  return {
    protocol: 'peer-basic/1',
    protection,
    limits: plainLimits,
    async upgrade(raw, { expected }) {
      await raw.send(NAME.message({ name }))
      const peer = checkName(NAME.read(await expectMessage(raw, NAME.type)).name)
      if (expected !== null && peer !== expected) {
        throw new ChatError('wrong-peer', `you called ${expected}, but ${peer} answered`)
      }
      return {
        channel: withGoodbye(raw),
        security: {
          protocol: 'peer-basic/1',
          peer,
          ...protection,
          identity: 'none',
          fingerprint: null,
          safetyNumber: null,
          precedes: name < peer,
          notices: [],
          remember: () => Promise.resolve(),
          opened: () => Promise.resolve(),
          verify: () => Promise.resolve(),
        },
      }
    },
  }
}
