import type { Meeting } from '../meeting.ts'

/** Alice calls bob while nobody interferes, and from then on remembers his key. */
export async function getAcquainted({ alice, bob }: Meeting): Promise<void> {
  alice.call('bob')
  await Promise.all([alice.next('open'), bob.next('open')])
  alice.leave()
  await Promise.all([alice.next('closed'), bob.next('closed')])
}
