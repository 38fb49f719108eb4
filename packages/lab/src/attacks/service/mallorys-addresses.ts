/**
 * Addresses of this machine from which mallory dials. Programs that count visitors by address count each address of
 * loopback alone, so to them she does not come from where alice, bob and carol are, who have 127.0.0.1.
 */
export const MALLORYS_ADDRESSES = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'] as const

/** The first of them, for when one is enough. */
export const [MALLORYS_ADDRESS] = MALLORYS_ADDRESSES
