import { setImmediate as nextTurn } from 'node:timers/promises'
import { contained } from '@p2p-secure-chat/core/contain'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { sortedNames } from './sorted-names.ts'

/**
 * Names that stay bound to a key after their user has left: enough for a large school for years, and bounded memory.
 */
const BINDING_LIMIT = 100_000

/** Watched names, counted once for each watcher: at 45 to 235 bytes each, at most a gigabyte. */
export const WATCHES_IN_ALL = 4_000_000

/** Watchers notified before the event loop has a turn: a few tenths of a millisecond of work. */
const NOTIFIED_PER_TURN = 64

/** Where a user is, and the key that they proved. */
export interface Card {
  readonly name: string
  /** The address from which the directory sees the user. */
  readonly host: string
  /** Where the user takes calls; null if nowhere. */
  readonly port: number | null
  /** SHA-256 of the identity key, base64url; null on the basic rung. */
  readonly fingerprint: string | null
}

/**
 * Who is online. Asynchronous, so that several directories could share one; this project's own is in the memory of the
 * process.
 */
export interface Registry {
  /**
   * Claims a name, exclusively and at once.
   *
   * @param onReplaced called when the same identity claims the name again from elsewhere: this claim is over then
   * @returns a function that releases the name; it does nothing if the claim is over already
   * @throws {ChatError} `name-taken`, `too-many`
   */
  claim(card: Card, onReplaced: () => void): Promise<() => Promise<void>>
  lookup(name: string): Promise<Card | null>
  /** One page of names in byte order; `next` is the `after` of the following page, null on the last. */
  list(prefix: string, after: string, limit: number): Promise<{ names: string[]; next: string | null }>
  /**
   * Calls `onPresence` when the user comes or goes, until unwatch(). It must not throw.
   *
   * @throws {ChatError} `too-many`
   */
  watch(name: string, onPresence: OnPresence): void
  unwatch(name: string, onPresence: OnPresence): void
}

/** A registry that knows its size at once. */
export interface MemoryRegistry extends Registry {
  /** How many other names are online. */
  countOthers(name: string): number
}

export type OnPresence = (name: string, online: boolean) => void

interface Claim {
  readonly card: Card
  readonly onReplaced: () => void
}

/**
 * A registry in the memory of this process: bindings of names to keys are lost when it ends.
 *
 * @param watchLimit watched names, counted once for each watcher
 */
export function memoryRegistry(watchLimit = WATCHES_IN_ALL): MemoryRegistry {
  const claims = new Map<string, Claim>()
  const owners = new Map<string, string>()
  const names = sortedNames()
  const watchers = new Map<string, Set<OnPresence>>()
  let watches = 0
  /** Users who came or went, and whose watchers do not all know yet. */
  const changed = new Set<string>()
  let announcing = false

  /** Notifies the watchers of users who came or went; if there are many, some in each turn of the event loop. */
  async function announce(): Promise<void> {
    if (announcing) return
    announcing = true
    let notified = 0
    try {
      for (const name of changed) {
        changed.delete(name)
        // Only the current ones: a watcher that comes meanwhile looks up the user itself.
        const all = [...(watchers.get(name) ?? [])]
        for (const onPresence of all) {
          if (watchers.get(name)?.has(onPresence) === true) onPresence(name, claims.has(name))
          notified += 1
          if (notified % NOTIFIED_PER_TURN === 0) await nextTurn()
        }
      }
    } finally {
      announcing = false
    }
  }

  function noteChange(name: string): void {
    changed.add(name)
    contained(announce())
  }

  function checkOwner({ name, fingerprint }: Card): void {
    const owner = owners.get(name)
    if (owner !== undefined && owner !== fingerprint) {
      throw new ChatError('name-taken', `the name ${name} belongs to another key`)
    }
    if (fingerprint === null || owner !== undefined) return
    if (owners.size >= BINDING_LIMIT) throw new ChatError('too-many', 'this directory accepts no more names')
    owners.set(name, fingerprint)
  }

  return {
    countOthers: name => claims.size - (claims.has(name) ? 1 : 0),

    async claim(card, onReplaced) {
      const { name, fingerprint } = card
      const current = claims.get(name)
      if (current !== undefined && fingerprint === null) {
        throw new ChatError('name-taken', `the name ${name} is in use`)
      }
      checkOwner(card)
      const claim = { card, onReplaced }
      claims.set(name, claim)
      if (current === undefined) {
        names.add(name)
        noteChange(name)
      } else {
        current.onReplaced()
      }
      return async () => {
        if (claims.get(name) !== claim) return
        claims.delete(name)
        names.remove(name)
        noteChange(name)
      }
    },

    async lookup(name) {
      return claims.get(name)?.card ?? null
    },

    async list(prefix, after, limit) {
      const page = names.page(prefix, after, limit)
      return { names: page.names, next: page.more ? (page.names.at(-1) ?? null) : null }
    },

    watch(name, onPresence) {
      const others = watchers.get(name) ?? new Set()
      if (others.has(onPresence)) return
      if (watches >= watchLimit) throw new ChatError('too-many', 'this directory watches no more names')
      watchers.set(name, others.add(onPresence))
      watches += 1
    },

    unwatch(name, onPresence) {
      const others = watchers.get(name)
      if (others === undefined || !others.delete(onPresence)) return
      if (others.size === 0) watchers.delete(name)
      watches -= 1
    },
  }
}
