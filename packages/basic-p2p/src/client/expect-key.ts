/**
 * Takes the word of an invite for who a name is, as long as the client runs.
 *
 * @param fingerprint SHA-256 of the key, base64url
 * @throws {ChatError} `key-changed` when another key is remembered for the name; `bad-known-peers`, `unreadable`
 */
export type ExpectKey = (name: string, fingerprint: string) => Promise<void>
