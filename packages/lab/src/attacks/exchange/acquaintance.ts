import type { Actor, Event } from '../../stage/actor.ts'
import type { Meeting } from '../meeting.ts'

/** The first of these events that comes. */
export async function nextOf(actor: Actor, ...names: readonly string[]): Promise<Event> {
  for (;;) {
    const event = await actor.next({})
    if (names.includes(String(event['event']))) return event
  }
}

/** Alice calls bob while nobody interferes, and from then on remembers his key. */
export async function getAcquainted({ alice, bob }: Meeting): Promise<void> {
  alice.call('bob')
  await Promise.all([alice.next('open'), bob.next('open')])
  alice.leave()
  await Promise.all([alice.next('closed'), bob.next('closed')])
}
