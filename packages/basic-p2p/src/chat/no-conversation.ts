import { ChatError } from '@p2p-secure-chat/core/errors'

/** With whom conversations are open, and whom we are calling. */
interface Present {
  readonly open: readonly string[]
  readonly calling: readonly string[]
}

/** A `no-conversation` about somebody: they have not answered our call, or it names those with whom one is open. */
export function notOpen(peer: string, { open, calling }: Present): ChatError {
  if (calling.includes(peer)) return unanswered(peer)
  return new ChatError('no-conversation', `there is no conversation with ${peer}`, hinted(open))
}

/** A `no-conversation` for a command that has no name, where nobody is selected. @param usage how to name somebody */
export function noneSelected({ open, calling }: Present, usage: string): ChatError {
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
