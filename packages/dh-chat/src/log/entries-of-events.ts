import type { ChatEvent } from '@p2p-secure-chat/basic-p2p/chat/chat-event'
import type { LogEntry } from './log-entry.ts'

/**
 * Turns what happens in a client into what a log keeps of it: null for all that is no part of a conversation, such as a
 * call that led to none. It has to see every event, for only the opening of a conversation tells the key of the peer.
 */
export function entriesOfEvents(): (event: ChatEvent) => LogEntry | null {
  const fingerprints = new Map<string, string>()

  return event => {
    if (!('peer' in event)) return null
    const { peer } = event
    if (event.event === 'open' && event.fingerprint !== null) fingerprints.set(peer, event.fingerprint)
    const fingerprint = fingerprints.get(peer)
    if (fingerprint === undefined) return null
    const at = new Date().toISOString()
    switch (event.event) {
      case 'open':
        return event.identity === 'none' ? null : { event: 'open', at, peer, fingerprint, identity: event.identity }
      case 'message': {
        const { direction, id, text } = event
        return { event: 'message', at, peer, fingerprint, direction, id, text }
      }
      case 'closed':
        fingerprints.delete(peer)
        return { event: 'closed', at, peer, fingerprint, reason: event.reason, code: event.code }
      default:
        return null
    }
  }
}
