import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import type { ChatEvent } from '../chat/chat-event.ts'

/**
 * What a person at a terminal is told about an event that one line can not make clear: that a key changed, which is the
 * moment when they have to decide something that the program can not decide for them.
 *
 * @returns lines that stand below the event's own; null where it says enough by itself
 */
export function explainEvent(event: ChatEvent): string | null {
  if (event.event === 'closed' && event.code === 'key-changed') {
    const peer = printableLine(event.peer)
    return changedKey(peer, 'The call ended before anything of yours was sent, even your name.')
  }
  if (event.event === 'error' && event.code === 'key-changed' && event.peer !== undefined) {
    const peer = printableLine(event.peer)
    return changedKey(peer, 'It was refused. Your chat goes on.')
  }
  return null
}

function changedKey(peer: string, done: string): string {
  return `
  What happened: a name that you know came with a key that you do not know.
  ${done}
  There are two likely reasons:
    1. ${peer} has a new device, or reinstalled the chat; or
    2. somebody in the middle pretends to be ${peer}.
  What to do: call ${peer} on the phone, or ask face to face: "Is your key new?"
    Yes, it is new: /forget ${peer}, then /chat ${peer}, and compare with /verify ${peer}
    No, or no reply: do nothing. The old key stays, and the new one stays out.
`
}
