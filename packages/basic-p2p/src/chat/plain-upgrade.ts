import { ChatError } from '@p2p-secure-chat/core/errors'
import { expectMessage } from '@p2p-secure-chat/core/wire/error-message'
import type { FrameLimits } from '@p2p-secure-chat/core/wire/frame'
import { withGoodbye } from '@p2p-secure-chat/core/wire/goodbye'
import { jsonMessage, readJson } from '@p2p-secure-chat/core/wire/json-body'
import { NAME } from '@p2p-secure-chat/core/wire/message-types'
import type { Protection, Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import * as v from 'valibot'
import { checkName } from '../directory/name.ts'
import { sessionLimits } from './session-messages.ts'

const protection: Protection = { confidential: false, integrity: false }

const nameSchema = v.object({ name: v.string() })

/** What crosses the channel after the hellos. */
export const plainLimits: FrameLimits = new Map([...sessionLimits, [NAME, 256]])

/**
 * The honest zero: both sides say a name that nothing proves, and the conversation goes on in plain frames.
 *
 * @param name our own name
 */
export function plainUpgrade(name: string): Upgrade {
  return {
    protocol: 'peer-basic/1',
    protection,
    limits: plainLimits,
    async upgrade(raw, { expected }) {
      await raw.send(jsonMessage(NAME, { name }))
      const peer = checkName(readJson(nameSchema, await expectMessage(raw, NAME)).name)
      if (expected !== null && peer !== expected) {
        throw new ChatError('wrong-peer', `${expected} was called, ${peer} answered`)
      }
      return {
        channel: withGoodbye(raw),
        learnt: {
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
