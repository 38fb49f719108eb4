import { noSuch } from '@p2p-secure-chat/basic-p2p/commands/suggestions'
import { programFile } from '@p2p-secure-chat/core/installation'
import { CALCULATOR_PROGRAMS, CHATS, type ChatPrograms, type Programs } from '@p2p-secure-chat/stage/programs'

/** The text that ends a chat of the textbook. */
export const END_OF_CHAT = 'EOM'

/** The one program of the textbook is a directory, or a peer of its third or its fourth step. */
const textbookPrograms = (step: 'plain' | 'aes'): ChatPrograms => ({
  server: programFile('textbook'),
  client: programFile('textbook'),
  serverFlags: ['--listen', '127.0.0.1:0'],
  clientFlags: () => ['--step', step],
  callLine: peer => `chat ${peer}`,
  leaveLine: END_OF_CHAT,
})

/** The programs of each rung on which two people chat. */
export const CHAT_PROGRAMS = {
  ...CHATS,
  'textbook-dh': textbookPrograms('plain'),
  'textbook-aes': textbookPrograms('aes'),
} as const satisfies Record<string, ChatPrograms>

export const PROGRAMS = { ...CHAT_PROGRAMS, calc: CALCULATOR_PROGRAMS } as const satisfies Record<string, Programs>

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

/** @throws {ChatError} `usage`, with the closest match as a suggestion */
export function rungByName(name: string): RungName {
  const rung = RUNGS.find(one => one === name)
  if (rung !== undefined) return rung
  throw noSuch('rung', name, RUNGS, `the rungs are ${RUNGS.join(', ')}`)
}

/** What its peers call their protocol in their hellos. */
export const protocolOf = <Rung extends FramedRung>(rung: Rung): `peer-${Rung}/1` => `peer-${rung}/1`

/** Whether its protocol is made of frames. */
export const isFramed = (rung: RungName): rung is FramedRung => Object.hasOwn(CHATS, rung)

/** Whether it has no frames: one segment of TCP is one message. */
export const isTextbook = (rung: RungName): rung is TextbookRung => rung.startsWith('textbook-')
