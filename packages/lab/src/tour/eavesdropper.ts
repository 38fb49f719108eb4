import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { frameDecoder, type Message } from '@p2p-secure-chat/core/wire/frame'
import { RECEIPT, TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { typesOf } from '@p2p-secure-chat/dissector/message/protocols'
import type { Overheard } from '@p2p-secure-chat/stage/legible'
import { anyFrame } from '@p2p-secure-chat/stage/path'

const types = typesOf(null, 'on the wire')

/** How many bytes of a body that is not text are shown. */
const SHOWN_BYTES = 6

/** How many characters of a readable body are shown. */
const SHOWN_CHARACTERS = 60

/** One frame as it can be read on the path. */
export interface Seen {
  readonly from: Overheard['from']
  /** Type, size, and what of the content is legible. */
  readonly line: string
}

/** What somebody on the path makes of the bytes: each frame with its type, its size, and its content as far as it shows. */
export function eavesdrop(passed: readonly Overheard[]): Seen[] {
  const seen: Seen[] = []
  const decoders = { dialler: frameDecoder(anyFrame), listener: frameDecoder(anyFrame) }
  for (const { from, bytes } of passed) {
    decoders[from].push(bytes, message => seen.push({ from, line: describe(message) }))
  }
  return seen
}

function describe({ type, body }: Message): string {
  const size = `${body.length} B`
  return `${types.get(type)?.name ?? type} ${size}${body.length === 0 ? '' : `: ${content(type, body)}`}`
}

function content(type: number, body: Uint8Array): string {
  const id = type === TEXT.type || type === RECEIPT.type ? 8 : 0
  const text = legible(body.subarray(id))
  if (text === null)
    return `${Buffer.from(body.subarray(0, SHOWN_BYTES))
      .toString('hex')
      .replace(/..(?=.)/g, '$& ')} ...`
  if (id > 0 && text === '') return `number ${Buffer.from(body).readBigUInt64BE()}`
  return `"${text}"`
}

/** The body as text, if it is any. */
function legible(body: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body)
    if (/\p{Cc}/u.test(text.replace(/\s/g, ''))) return null
    return printableLine(text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text)
  } catch {
    return null
  }
}
