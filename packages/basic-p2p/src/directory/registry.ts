import { ChatError } from '@p2p-secure-chat/core/errors'
import { sortedNames } from './sorted-names.ts'

/** Names that stay bound to a key after their user left: enough for years of a large school, bounded in memory. */
const BINDING_LIMIT = 100_000

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
  /** Calls `onPresence` when the user comes or goes, until the returned function is called. */
  watch(name: string, onPresence: (online: boolean) => void): () => void
}

interface Claim {
  readonly card: Card
  readonly onReplaced: () => void
}

/** A registry in the memory of this process: bindings of names to keys are lost when it ends. */
export function memoryRegistry(): Registry {
  const claims = new Map<string, Claim>()
  const owners = new Map<string, string>()
  const names = sortedNames()
  const watchers = new Map<string, Set<(online: boolean) => void>>()

  function announce(name: string, online: boolean): void {
    for (const onPresence of watchers.get(name) ?? []) onPresence(online)
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
        announce(name, true)
      } else {
        present.onReplaced()
      }
      return async () => {
        if (claims.get(name) !== claim) return
        claims.delete(name)
        names.remove(name)
        announce(name, false)
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
      watchers.set(name, present.add(onPresence))
      return () => {
        present.delete(onPresence)
        if (present.size === 0 && watchers.get(name) === present) watchers.delete(name)
      }
    },
  }
}
