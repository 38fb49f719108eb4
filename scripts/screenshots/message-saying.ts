import { run } from './run.ts'

/** Where a message is: the number of its packet, and that of its conversation. */
export interface Place {
  readonly packet: number
  readonly conversation: number
}

/** Finds the first message in a capture with this in it. @throws {Error} when there is none */
export async function messageSaying(capture: string, text: string): Promise<Place> {
  const events = (await run('chat-lab', ['read', capture, '--json'])).toString()
  const line = events.split('\n').find(event => event.startsWith('{') && event.includes(text))
  if (line === undefined) throw new Error(`${capture} does not say ${text}`)
  const { packet, conversation }: Place = JSON.parse(line)
  return { packet, conversation }
}
