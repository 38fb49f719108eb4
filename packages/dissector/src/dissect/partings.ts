import type { Side } from '../capture/stream-event.ts'
import { ERROR, GOODBYE } from '@p2p-secure-chat/core/wire/common-messages'
import type { DirectionEnd } from './follower.ts'
import type { ReadMessage } from './read-message.ts'

/** How a connection ended, as TCP tells it. */
export interface Ending {
  readonly how: Readonly<Record<Side, DirectionEnd>>
  midFrame(side: Side): boolean
  nameOf(side: Side): string
}

/** Listens for what ends a connection in an orderly way. */
export interface Partings {
  /** Takes each message of a side, those inside records too. */
  hear(from: Side, message: ReadMessage): void
  /** Something of this side stays sealed or is missing in the capture: it may have been the goodbye. */
  missed(from: Side): void
  /** @returns who left without a goodbye; null when nobody did, or the capture does not show it */
  cut(ending: Ending): string | null
}

export function partings(): Partings {
  const goodbyes = new Set<Side>()
  /** Sides of which not everything could be read. */
  const unread = new Set<Side>()
  let refused = false

  return {
    hear(from, { type, sound, values }) {
      if (type === GOODBYE.type && sound) goodbyes.add(from)
      // The connection ends after an error that answers no request.
      if (type === ERROR.type && sound && values.all('id').length === 0) refused = true
    },
    missed: from => void unread.add(from),

    cut({ how, midFrame, nameOf }) {
      if (refused) return null
      const seen = (side: Side) => how[side] === 'fin' || how[side] === 'reset'
      const left = (['dialler', 'listener'] as const).filter(side => seen(side) && !goodbyes.has(side))
      if (left.length === 0) return null
      const reset = left.filter(side => how[side] === 'reset')
      const known = left.filter(side => !unread.has(side))
      const broken = left.filter(side => midFrame(side))
      const names = (sides: readonly Side[]) => sides.map(nameOf).join(' and ')
      if (broken.length > 0) return `${names(broken)} ended in the middle of a message`
      if (known.length > 0) return `${names(known)} ended without a goodbye`
      if (reset.length > 0) return 'reset; whether there was a goodbye stays sealed'
      return null
    },
  }
}
