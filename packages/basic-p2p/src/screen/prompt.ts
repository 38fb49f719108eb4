import type { Colours } from '@p2p-secure-chat/core/terminal/colour'
import type { PeerSecurity } from '@p2p-secure-chat/core/wire/upgrade'
import type { ChatEvent } from '../chat/chat-event.ts'

/** People with unread texts that the prompt names; of the rest it only counts the texts. */
const MOST_NAMES = 3

/** The content of a prompt. Names follow the directory's rules, so they need no printable(). */
export interface PromptState {
  readonly name: string
  /** Addressee of a plain line, or else the person we are calling. */
  readonly peer: string | null
  /** The peer security of their conversation; null while there is none. */
  readonly security: Pick<PeerSecurity, 'confidential' | 'integrity' | 'identity'> | null
  readonly interrupted: boolean
  /** Whether we are calling them, and they have not answered. */
  readonly calling: boolean
  readonly unread: ReadonlyMap<string, number>
}

/**
 * The person one is calling or talking to, and how safely, in words and in a colour. Green: key compared in person; yellow:
 * key not compared; red: unproven, alterable, or interrupted.
 */
export function promptFor(prompt: PromptState, colours: Colours): string {
  const { name, peer, security, interrupted } = prompt
  const others = unreadMarks(prompt.unread, colours)
  if (peer !== null && prompt.calling) return `${name} calling ${peer}${others}> `
  if (peer === null || security === null) return `${name}${others}> `
  const { green, yellow, red, bold } = colours
  const safe = security.confidential && security.integrity
  const state = interrupted ? 'interrupted' : protectionOf(security)
  const colour = interrupted || !safe ? red : security.identity === 'verified' ? green : yellow
  return `${name} ${colour(`to ${bold(peer)} (${state})`)}${others}> `
}

function protectionOf({ confidential, integrity, identity }: NonNullable<PromptState['security']>): string {
  if (!confidential) return 'not protected'
  return integrity ? identity : `${identity}, alterable`
}

function unreadMarks(unread: ReadonlyMap<string, number>, { cyan }: Colours): string {
  const named = [...unread].slice(0, MOST_NAMES).map(([peer, count]) => `+${count} ${peer}`)
  const rest = [...unread.values()].slice(MOST_NAMES).reduce((sum, count) => sum + count, 0)
  if (rest > 0) named.push(`+${rest} others`)
  return named.map(mark => ` ${cyan(mark)}`).join('')
}

/** Counts texts that arrived in conversations other than the selected one. */
export interface Unread {
  /** By peer, in the order of their first unread text. */
  readonly counts: ReadonlyMap<string, number>
  readonly total: number
  /** @param selected the peer whose texts are read at once; null for nobody */
  follow(event: ChatEvent, selected: string | null): void
  /** Marks a conversation as read. */
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
      // It can no longer be switched to.
      if (event.event === 'closed') counts.delete(event.peer)
    },
    read: peer => void counts.delete(peer),
  }
}
