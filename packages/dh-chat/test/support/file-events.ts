import type { ChatEvent } from '@p2p-secure-chat/basic-p2p/chat/chat-event'
import type { Chatter } from './chat-testbed.ts'

export type FileEvent = Extract<ChatEvent, { event: 'file' }>

/** Reads on to what became of a file. */
export async function nextFile(
  chatter: Chatter,
  state: FileEvent['state'],
  fits: (event: FileEvent) => boolean = () => true,
): Promise<FileEvent> {
  for (;;) {
    const event = await chatter.next('file')
    if (event.state === state && fits(event)) return event
  }
}
