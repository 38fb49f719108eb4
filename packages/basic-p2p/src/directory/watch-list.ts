import type { Turn } from '@p2p-secure-chat/core/limits/turns'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { ignorable } from '@p2p-secure-chat/core/contain'
import { REQUEST_COST } from './directory-reception.ts'
import type { Registry } from './registry.ts'
import { PRESENCE } from '../messages/directory.ts'

/** Whom one client watches. */
export interface WatchList {
  /**
   * Watches these names in place of those before. Settles when the client has been told of each.
   *
   * @throws {ChatError} `too-many` when all clients together watch too many names; what ended the connection
   */
  replace(names: ReadonlySet<string>): Promise<void>
  end(): void
}

/**
 * Tells a client about those it watches. Of each name only the newest state waits to be sent, however often it changes, so
 * that a client which does not read costs little. Each is work of its own, so that a user whom thousands watch can come
 * and go without holding up anybody.
 */
export function watchList(channel: Channel, registry: Registry, turn: Turn): WatchList {
  const watched = new Set<string>()
  /** What is still to be told of whom; null where that has to be looked up. */
  const news = new Map<string, boolean | null>()
  let telling: Promise<void> | null = null

  async function tell(): Promise<void> {
    try {
      // What becomes news meanwhile comes last.
      for (const [name] of news) {
        await turn.begin(REQUEST_COST)
        const known = news.get(name)
        news.delete(name)
        if (known === undefined) continue
        const online = known ?? (await registry.lookup(name)) !== null
        // What became news during the look-up is newer.
        if (!news.has(name)) await channel.send(PRESENCE.message({ name, online }))
      }
    } finally {
      telling = null
    }
  }

  function onPresence(name: string, online: boolean): void {
    news.set(name, online)
    // A connection that fails says so in receive().
    telling ??= ignorable(tell())
  }

  function end(): void {
    for (const name of watched) registry.unwatch(name, onPresence)
    watched.clear()
    news.clear()
  }

  return {
    async replace(names) {
      end()
      for (const name of names) {
        registry.watch(name, onPresence)
        watched.add(name)
        news.set(name, null)
      }
      telling ??= tell()
      await telling
    },
    end,
  }
}
