import { expect, test } from 'vitest'
import { PEER_EVENTS, PEER_STATES, type PeerEvent, type PeerState, step } from '../../src/chat/peer-states.ts'

const EVENTS = Object.keys(PEER_EVENTS).filter((name): name is PeerEvent => name in PEER_EVENTS)

/** Where the events lead that can happen in a state. */
function stepsFrom(state: PeerState): Partial<Record<PeerEvent, string>> {
  const steps: Partial<Record<PeerEvent, string>> = {}
  for (const event of EVENTS) {
    try {
      const { to, say } = step(state, event)
      steps[event] = say === null ? to : `${to}, ${say}`
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError)
      expect(error).toMatchObject({ message: expect.stringMatching(`^${event} while ${state}: \\w`) })
    }
  }
  return steps
}

test('every cell leads somewhere, or says why it cannot happen', () => {
  expect(Object.fromEntries(PEER_STATES.map(state => [state, stepsFrom(state)]))).toMatchInlineSnapshot(`
    {
      "ending/dialling": {
        "failed": "ending/none",
        "over": "none/dialling",
      },
      "ending/none": {
        "call": "ending/dialling",
        "over": "none/none",
      },
      "interrupted/resuming": {
        "called": "interrupted/resuming, DECLINE busy",
        "over": "none/none",
        "resumed": "open/none",
      },
      "none/dialling": {
        "accept": "open/none, ACCEPT",
        "failed": "none/none",
        "full": "none/refused",
        "reached": "none/placed, CALL",
        "yields": "none/yielded",
      },
      "none/none": {
        "accept": "open/none, ACCEPT",
        "call": "none/dialling",
        "called": "none/ringing",
      },
      "none/placed": {
        "accept": "open/none, ACCEPT",
        "accepted": "open/none",
        "crossed": "none/yielded",
        "failed": "none/none",
        "full": "none/refused",
        "prevails": "none/placed, DECLINE crossed",
        "yields": "none/yielded",
      },
      "none/refused": {
        "accept": "open/none, ACCEPT",
        "failed": "none/none",
        "redial": "none/dialling",
        "yields": "none/yielded",
      },
      "none/ringing": {
        "accept": "open/none, ACCEPT",
        "called": "none/ringing, DECLINE busy",
        "silent": "none/none",
      },
      "none/yielded": {
        "accept": "open/none, ACCEPT",
        "failed": "none/none",
        "prevails": "none/yielded, DECLINE crossed",
        "yields": "none/yielded",
      },
      "open/none": {
        "called": "open/none, DECLINE busy",
        "lost": "interrupted/resuming",
        "over": "none/none",
        "parting": "ending/none, GOODBYE",
      },
    }
  `)
})

test('every state can be reached, and left for good', () => {
  const next = new Map(PEER_STATES.map(state => [state, Object.values(stepsFrom(state)).map(to => to.split(', ')[0])]))
  const reachable = (from: PeerState) => {
    const seen = new Set<PeerState>([from])
    for (const state of seen) for (const to of PEER_STATES) if (next.get(state)?.includes(to) === true) seen.add(to)
    return seen
  }
  expect([...reachable('none/none')].toSorted()).toEqual([...PEER_STATES].toSorted())
  for (const state of PEER_STATES) expect(reachable(state)).toContain('none/none')
})
