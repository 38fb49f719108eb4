import type { ChatEvent } from '../chat/chat-event.ts'

/** How many texts came in conversations that nobody was looking at. */
export interface Unread {
  /** By peer, in the order in which the first of them came. */
  readonly counts: ReadonlyMap<string, number>
  readonly total: number
  /** @param selected whose texts are read as they come; null for nobody's */
  follow(event: ChatEvent, selected: string | null): void
  /** The person looks at that conversation now. */
  read(peer: string): void
}

export function unread(): Unread {
  const counts = new Map<string, number>()
  return {
    counts,
    get total() {
      return [...counts.values()].reduce((sum, count) => sum + count, 0)
    },
    follow(event, selected) {
      if (event.event === 'message' && event.direction === 'in' && event.peer !== selected) {
        counts.set(event.peer, (counts.get(event.peer) ?? 0) + 1)
      }
      // There is nothing left to switch to.
      if (event.event === 'closed') counts.delete(event.peer)
    },
    read: peer => void counts.delete(peer),
  }
}
