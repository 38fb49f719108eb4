import { ChatError } from '@p2p-secure-chat/core/errors'

/** A `no-conversation` about somebody, which names those with whom one is open. */
export function notOpen(peer: string, open: readonly string[]): ChatError {
  return new ChatError('no-conversation', `there is no conversation with ${peer}`, hinted(open))
}

/** A `no-conversation` for a command that has no name, where nobody is selected. @param usage how to name somebody */
export function noneSelected(open: readonly string[], usage: string): ChatError {
  if (open.length === 0) return new ChatError('no-conversation', 'no conversation is open')
  return new ChatError('no-conversation', 'no conversation is selected', {
    hint: `${usage} names one; open: ${open.join(', ')}`,
  })
}

function hinted(open: readonly string[]): { readonly hint?: string } {
  return open.length === 0 ? {} : { hint: `open: ${open.join(', ')}; /chat NAME opens another` }
}
