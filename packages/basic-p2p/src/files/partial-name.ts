/** The name of a partial file in its folder, hidden from a plain `ls`. @param key of letters, digits, `-` and `_` */
export function partialName(key: string): string {
  return `.p2p-secure-chat-${key}.partial`
}

/** What such a name looks like. */
export const PARTIAL_NAME = /^\.p2p-secure-chat-[\w-]+\.partial$/
