/** Somebody whose calls are declined. */
export interface BlockedPeer {
  readonly name: string
  /** Of the key that is blocked under every name; null where only the name is blocked. */
  readonly fingerprint: string | null
}

/** A list of people whose calls are declined: by name, whatever their key, and by key, whatever their name. */
export interface BlockedPeers {
  /** @throws {ChatError} why the list cannot be read */
  blocks(name: string, fingerprint: string | null): Promise<boolean>
  /**
   * Adds somebody.
   *
   * @param fingerprint of the key that they used; null where none is known
   * @returns the fingerprint that is blocked now: the list may know a key of that name by itself
   * @throws {ChatError} why the list cannot be written
   */
  block(name: string, fingerprint: string | null): Promise<string | null>
  /** Removes the name and the key that was blocked with it. @returns whether it was there */
  unblock(name: string): Promise<boolean>
  list(): Promise<readonly BlockedPeer[]>
}

/** Whether somebody is on the list, by name or by key. */
export function isOn(list: readonly BlockedPeer[], name: string, fingerprint: string | null): boolean {
  return list.some(one => one.name === name || (fingerprint !== null && one.fingerprint === fingerprint))
}

/** A list that ends with the program: where nothing proves a name, it is not worth more. */
export function blockedForNow(): BlockedPeers {
  const peers = new Map<string, BlockedPeer>()
  return {
    blocks: async (name, fingerprint) => isOn([...peers.values()], name, fingerprint),
    async block(name, fingerprint) {
      peers.set(name, { name, fingerprint })
      return fingerprint
    },
    unblock: async name => peers.delete(name),
    list: async () => [...peers.values()],
  }
}
