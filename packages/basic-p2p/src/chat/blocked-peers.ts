/** Somebody whose calls are not taken. */
export interface BlockedPeer {
  readonly name: string
  /** Of the key that is blocked under every name; null where only the name is. */
  readonly fingerprint: string | null
}

/** Whose calls are not taken: nobody with this name, whatever their key, and nobody with this key, whatever their name. */
export interface BlockedPeers {
  /** @throws {ChatError} what keeps the list from being read */
  blocks(name: string, fingerprint: string | null): Promise<boolean>
  /**
   * Adds somebody.
   *
   * @param fingerprint of the key with which they were seen; null where nobody was
   * @returns the fingerprint that is blocked now: the list may know a key of that name itself
   * @throws {ChatError} what keeps the list from being written
   */
  block(name: string, fingerprint: string | null): Promise<string | null>
  /** Takes off the name and the key that was blocked with it. @returns whether it was there */
  unblock(name: string): Promise<boolean>
  list(): Promise<readonly BlockedPeer[]>
}

/** Whether somebody is on the list, by name or by key. */
export function isOn(list: readonly BlockedPeer[], name: string, fingerprint: string | null): boolean {
  return list.some(one => one.name === name || (fingerprint !== null && one.fingerprint === fingerprint))
}

/** A list that is forgotten at the end of the program: where nothing proves a name, it is worth no more. */
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
