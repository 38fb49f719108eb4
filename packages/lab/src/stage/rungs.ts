/**
 * What attacks are played against, from the weakest to the strongest. The two textbook rungs are what the first version of
 * this project was, made again: `textbook-dh` agrees on a secret and makes no use of it, `textbook-aes` encrypts under it.
 */
export const RUNGS = ['calc', 'basic', 'textbook-dh', 'textbook-aes', 'dh', 'aes'] as const

export type RungName = (typeof RUNGS)[number]

/** The rungs on which two people talk. */
export type ChatRung = Exclude<RungName, 'calc'>

/** The rungs of the textbook. */
export type TextbookRung = Extract<RungName, `textbook-${string}`>

/** The rungs whose protocol is made of frames, from HELLO to GOODBYE. */
export type FramedRung = Exclude<ChatRung, TextbookRung>

/** The rungs that begin with an authenticated key exchange. */
export type SecureRung = Exclude<FramedRung, 'basic'>

/** As headings and sentences call them. */
export const RUNG_TITLES: Readonly<Record<RungName, string>> = {
  calc: 'calculator',
  basic: 'basic chat',
  'textbook-dh': 'textbook DH',
  'textbook-aes': 'textbook AES',
  dh: 'DH chat',
  aes: 'AES chat',
}

/** The packages whose bins are the programs of a rung. */
export const PACKAGES: Readonly<Record<FramedRung, string>> = {
  basic: 'basic-p2p',
  dh: 'dh-chat',
  aes: 'aes-chat',
}

/** What its peers call their protocol in their hellos. */
export const protocolOf = <Rung extends FramedRung>(rung: Rung): `peer-${Rung}/1` => `peer-${rung}/1`

/** The text that ends a chat of the textbook. */
export const END_OF_CHAT = 'EOM'

/** Whether its protocol is made of frames. */
export const isFramed = (rung: RungName): rung is FramedRung => Object.hasOwn(PACKAGES, rung)

/** Whether it has no frames: one segment of TCP is one message. */
export const isTextbook = (rung: RungName): rung is TextbookRung => rung.startsWith('textbook-')
