import type { WorkTurn } from '@p2p-secure-chat/core/limits/turns'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { ignorable } from '@p2p-secure-chat/core/contain'
import { REQUEST_COST } from './directory-reception.ts'
import type { Registry } from './registry.ts'
import { PRESENCE } from '../messages/directory.ts'

/** The users whom one client watches. */
export interface WatchList {
  /**
   * Watches these names in place of those before. Settles when the client knows the presence of each.
   *
   * @throws {ChatError} `too-many` when all clients together watch too many names; what ended the connection
   */
  replace(names: ReadonlySet<string>): Promise<void>
  end(): void
}

/**
 * Keeps a client informed about the users it watches. Only the newest state of each name waits to be sent, however
 * often it changes, so a client that does not read costs little. Each message is work of its own, so a user with
 * thousands of watchers can come and go without delaying anybody.
 */
export function watchList(channel: Channel, registry: Registry, turn: WorkTurn): WatchList {
  const watched = new Set<string>()
  /** The states that are still to be sent; null for a name that has to be looked up. */
  const news = new Map<string, boolean | null>()
  let telling: Promise<void> | null = null

  async function tell(): Promise<void> {
    try {
      // News that comes meanwhile goes last.
      for (const [name] of news) {
        await turn.begin(REQUEST_COST)
        const known = news.get(name)
        news.delete(name)
        if (known === undefined) continue
        const online = known ?? (await registry.lookup(name)) !== null
        // News that came during the look-up is newer.
        if (!news.has(name)) await channel.send(PRESENCE.message({ name, online }))
      }
    } finally {
      telling = null
    }
  }

  function onPresence(name: string, online: boolean): void {
    news.set(name, online)
    // receive() reports a connection that fails.
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
