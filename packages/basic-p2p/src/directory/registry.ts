import { setImmediate as nextTurn } from 'node:timers/promises'
import { contained } from '@p2p-secure-chat/core/contain'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { sortedNames } from './sorted-names.ts'

/** Names that stay bound to a key after their user left: enough for years of a large school, bounded in memory. */
const BINDING_LIMIT = 100_000

/** Names that are watched, counted once for each watcher: at 45 to 235 bytes each, a gigabyte at most. */
export const WATCHES_IN_ALL = 4_000_000

/** Watchers that are told before the event loop has a turn: a few tenths of a millisecond of work. */
const TOLD_PER_TURN = 64

/** Where a user is, and who it proved to be. */
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
 * Who is online. Asynchronous, so that several directories may share one elsewhere; this project's own keeps it in the
 * memory of the process.
 */
export interface Registry {
  /**
   * Takes a name, at once and alone.
   *
   * @param onReplaced called when the same identity claims the name again from elsewhere: this claim is over then
   * @returns what gives the name back; it does nothing if the claim is over already
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
  /** How many names but this one are online. */
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
 * @param watchLimit names that are watched, counted once for each watcher
 */
export function memoryRegistry(watchLimit = WATCHES_IN_ALL): MemoryRegistry {
  const claims = new Map<string, Claim>()
  const owners = new Map<string, string>()
  const names = sortedNames()
  const watchers = new Map<string, Set<OnPresence>>()
  let watches = 0
  /** Users who came or went, of whom not all who watch them know. */
  const changed = new Set<string>()
  let announcing = false

  /** Tells those who watch a user how things are by now; of many, some in each turn of the event loop. */
  async function announce(): Promise<void> {
    if (announcing) return
    announcing = true
    let told = 0
    try {
      for (const name of changed) {
        changed.delete(name)
        // As they are now: a watcher that comes meanwhile looks up the user itself.
        const all = [...(watchers.get(name) ?? [])]
        for (const onPresence of all) {
          if (watchers.get(name)?.has(onPresence) === true) onPresence(name, claims.has(name))
          told += 1
          if (told % TOLD_PER_TURN === 0) await nextTurn()
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
    if (owners.size >= BINDING_LIMIT) throw new ChatError('too-many', 'this directory takes no further names')
    owners.set(name, fingerprint)
  }

  return {
    countOthers: name => claims.size - (claims.has(name) ? 1 : 0),

    async claim(card, onReplaced) {
      const { name, fingerprint } = card
      const present = claims.get(name)
      if (present !== undefined && fingerprint === null) {
        throw new ChatError('name-taken', `the name ${name} is in use`)
      }
      checkOwner(card)
      const claim = { card, onReplaced }
      claims.set(name, claim)
      if (present === undefined) {
        names.add(name)
        noteChange(name)
      } else {
        present.onReplaced()
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
      const present = watchers.get(name) ?? new Set()
      if (present.has(onPresence)) return
      if (watches >= watchLimit) throw new ChatError('too-many', 'this directory watches no further names')
      watchers.set(name, present.add(onPresence))
      watches += 1
    },

    unwatch(name, onPresence) {
      const present = watchers.get(name)
      if (present === undefined || !present.delete(onPresence)) return
      if (present.size === 0) watchers.delete(name)
      watches -= 1
    },
  }
}
