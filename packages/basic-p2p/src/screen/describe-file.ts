import { printableLine, printableName } from '@p2p-secure-chat/core/terminal/printable'
import type { ChatEvent } from '../chat/chat-event.ts'
import { sizeInWords } from '../files/file-update.ts'

/** An event as a person sees it: something a peer said, the answer to a command, a status, or trouble. */
export interface Description {
  readonly kind: 'text' | 'answer' | 'status' | 'trouble'
  readonly text: string
}

type FileEvent = Extract<ChatEvent, { event: 'file' }>

/** Describes in words what happened to a file; null for progress, which a bar shows. */
export function describeFile(event: FileEvent): Description | null {
  switch (event.state) {
    case 'offered':
      return { kind: 'status', text: offered(event) }
    case 'progress':
      return null
    case 'done':
      return { kind: 'status', text: done(event) }
    case 'failed': {
      const wanted = event.code === 'declined' || event.code === 'cancelled'
      return wanted ? { kind: 'status', text: failed(event) } : { kind: 'trouble', text: failed(event) }
    }
  }
}

function offered({ peer, direction, asks, ...file }: FileEvent): string {
  const who = printableLine(peer)
  const { id } = file
  if (direction === 'out') return `offering file ${id}, ${titled(file)}, to ${who}`
  if (!asks) return `${who} is sending file ${id}: ${titled(file)}`
  return `${who} offers file ${id}: ${titled(file)}; /accept ${who} ${id} or /decline ${who} ${id}`
}

function done({ peer, direction, path, integrity, ...file }: FileEvent): string {
  const who = printableLine(peer)
  const what =
    direction === 'in'
      ? `received ${titled(file)} from ${who}: ${printableLine(path ?? '')}`
      : `${who} has received ${titled(file)}`
  return `${what}\n  ${checked(integrity)}`
}

/** A matching checksum proves little unless the connection protects the checksum, too. */
function checked(integrity: boolean): string {
  return integrity
    ? 'its SHA-256 was verified'
    : 'its SHA-256 matches, which only rules out accidents: anyone who can alter the file here can alter the checksum, too'
}

function failed({ peer, direction, message, code, partial, ...file }: FileEvent): string {
  const who = printableLine(peer)
  const way = direction === 'in' ? 'from' : 'to'
  const kept =
    partial === null
      ? ''
      : `\n  the part that arrived is kept, and resumes when ${who} sends the file again: ${printableLine(partial)}`
  return `file ${titled(file)} ${way} ${who}: ${printableLine(message ?? '')} (${code})${kept}`
}

function titled({ name, size }: Pick<FileEvent, 'name' | 'size'>): string {
  return `${printableName(name)} (${sizeInWords(size)})`
}
