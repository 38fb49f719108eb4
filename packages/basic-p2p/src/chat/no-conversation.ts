import { ChatError } from '@p2p-secure-chat/core/errors'
import type { DeclineCode } from '../messages/conversation.ts'

/** The peers with whom conversations are open, and those we are calling. */
interface Conversations {
  readonly open: readonly string[]
  readonly calling: readonly string[]
}

/** A `no-conversation` about somebody: they have not answered our call, or no conversation with them is open. */
export function notOpen(peer: string, { open, calling }: Conversations): ChatError {
  if (calling.includes(peer)) return unanswered(peer)
  return new ChatError('no-conversation', `there is no conversation with ${peer}`, hinted(open))
}

/** A `no-conversation` for a command without a name while nobody is selected. @param usage how to name somebody */
export function noneSelected({ open, calling }: Conversations, usage: string): ChatError {
  if (open.length > 0) {
    return new ChatError('no-conversation', 'no conversation is selected', {
      hint: `${usage} names one; open: ${open.join(', ')}`,
    })
  }
  const latest = calling.at(-1)
  return latest === undefined ? new ChatError('no-conversation', 'no conversation is open') : unanswered(latest)
}

/** A `no-conversation` about somebody who has not answered our call. */
export function unanswered(peer: string): ChatError {
  return new ChatError('no-conversation', `${peer} has not answered yet`, {
    hint: 'try again when the conversation is open',
  })
}

function hinted(open: readonly string[]): { readonly hint?: string } {
  return open.length === 0 ? {} : { hint: `open: ${open.join(', ')}; /chat NAME opens another` }
}

/** Why a call that a person should have answered is over. */
export function noAnswer(): ChatError {
  return new ChatError('no-answer', 'the call was not answered')
}

/** Why the callee did not accept a call. */
export function declined(code: DeclineCode): ChatError {
  const why = {
    declined: 'the call was declined',
    busy: 'the peer is busy',
    crossed: 'both called at once',
    'no-conversation': 'the peer has ended the conversation',
  }
  return new ChatError(code, why[code])
}
