/**
 * What there is between us and one person: the state of the conversation, then that of the attempt to have one.
 *
 * The conversation is `open`, has lost its connection (`interrupted`), or one side has said goodbye (`ending`). The attempt:
 * `dialling`: the peer has not heard our call. `refused`: it has no place for it now, and we dial again. `placed`: it has
 * heard us. `yielded`: both called at once, and the peer's call goes on. `ringing`: the peer calls, and somebody decides.
 * `resuming`: the conversation gets another connection. Other pairs than these cannot be.
 */
export const PEER_STATES = [
  'none/none',
  'none/dialling',
  'none/refused',
  'none/placed',
  'none/yielded',
  'none/ringing',
  'open/none',
  'interrupted/resuming',
  'ending/none',
  'ending/dialling',
] as const

export type PeerState = (typeof PEER_STATES)[number]

/** What we say to the peer with a step; null for nothing. */
export type Saying = 'CALL' | 'ACCEPT' | 'DECLINE busy' | 'DECLINE crossed' | 'GOODBYE' | null

/** Where an event leads. */
export interface Step {
  readonly to: PeerState
  readonly say: Saying
}

/** An event in all the states in which it can happen, and why it cannot in any other. */
interface Row {
  readonly steps: Readonly<Partial<Record<PeerState, Step>>>
  readonly otherwise: string
}

const to = (next: PeerState, say: Saying = null): Step => ({ to: next, say })

/** All that happens between us and one person. */
export const PEER_EVENTS = {
  /** Our user calls. */
  call: {
    steps: { 'none/none': to('none/dialling'), 'ending/none': to('ending/dialling') },
    otherwise: 'there is a conversation, or a call whose outcome is waited for',
  },
  /** Our dial has reached them. */
  reached: {
    steps: { 'none/dialling': to('none/placed', 'CALL') },
    otherwise: 'what a dial reaches is dropped where the call is over or gave way',
  },
  /** They have no place for our call, which is tried again. */
  full: {
    steps: { 'none/dialling': to('none/refused'), 'none/placed': to('none/refused') },
    otherwise: 'no call of ours is under way that could be turned away',
  },
  /** We dial again. */
  redial: { steps: { 'none/refused': to('none/dialling') }, otherwise: 'no call of ours was turned away' },
  /** They take our call. */
  accepted: {
    steps: { 'none/placed': to('open/none') },
    otherwise: 'an answer to a call that gave way or was given up is answered with GOODBYE by its session',
  },
  /** They say that their call goes on in the place of ours. */
  crossed: {
    steps: { 'none/placed': to('none/yielded') },
    otherwise: 'no call of ours has been heard that could be crossed, or it has given way already',
  },
  /** Our call leads nowhere. */
  failed: {
    steps: {
      'none/dialling': to('none/none'),
      'none/refused': to('none/none'),
      'none/placed': to('none/none'),
      'none/yielded': to('none/none'),
      'ending/dialling': to('ending/none'),
    },
    otherwise: 'no call of ours is under way',
  },
  /** They call, and nothing of ours is under way that could cross it. */
  called: {
    steps: {
      'none/none': to('none/ringing'),
      'none/ringing': to('none/ringing', 'DECLINE busy'),
      'open/none': to('open/none', 'DECLINE busy'),
      'interrupted/resuming': to('interrupted/resuming', 'DECLINE busy'),
    },
    otherwise: 'calls that cross have events of their own, and the end of a conversation is waited for',
  },
  /** They call, and their call goes on in the place of ours. */
  yields: {
    steps: {
      'none/dialling': to('none/yielded'),
      'none/refused': to('none/yielded'),
      'none/placed': to('none/yielded'),
      'none/yielded': to('none/yielded'),
    },
    otherwise: 'no call of ours is under way',
  },
  /** They call, and ours goes on. */
  prevails: {
    steps: {
      'none/placed': to('none/placed', 'DECLINE crossed'),
      'none/yielded': to('none/yielded', 'DECLINE crossed'),
    },
    otherwise: 'they have not heard a call of ours',
  },
  /** We take their call: by our user's word or policy, or because ours gave way. */
  accept: {
    steps: {
      'none/none': to('open/none', 'ACCEPT'),
      'none/dialling': to('open/none', 'ACCEPT'),
      'none/refused': to('open/none', 'ACCEPT'),
      'none/placed': to('open/none', 'ACCEPT'),
      'none/yielded': to('open/none', 'ACCEPT'),
      'none/ringing': to('open/none', 'ACCEPT'),
    },
    otherwise: 'there is a conversation',
  },
  /** Their call rings no more, and was not taken. */
  silent: { steps: { 'none/ringing': to('none/none') }, otherwise: 'nothing rings' },
  /** The connection of the conversation is lost. */
  lost: { steps: { 'open/none': to('interrupted/resuming') }, otherwise: 'no connection carries a conversation' },
  /** Another connection carries it. */
  resumed: { steps: { 'interrupted/resuming': to('open/none') }, otherwise: 'the conversation has its connection' },
  /** One side says goodbye. */
  parting: {
    steps: { 'open/none': to('ending/none', 'GOODBYE') },
    otherwise: 'no connection carries a conversation, or the goodbye is said',
  },
  /** The conversation is over. */
  over: {
    steps: {
      'open/none': to('none/none'),
      'interrupted/resuming': to('none/none'),
      'ending/none': to('none/none'),
      'ending/dialling': to('none/dialling'),
    },
    otherwise: 'there is no conversation',
  },
} as const satisfies Record<string, Row>

export type PeerEvent = keyof typeof PEER_EVENTS

/**
 * The one way from state to state.
 *
 * @throws {TypeError} for an event that cannot happen in that state, with the reason
 */
export function step(state: PeerState, event: PeerEvent): Step {
  const row: Row = PEER_EVENTS[event]
  const next = row.steps[state]
  if (next === undefined) throw new TypeError(`${event} while ${state}: ${row.otherwise}`)
  return next
}

/** Somebody who calls in the name of a person whom we are calling. */
export interface CrossingCaller {
  /** Whether they are known to be that person; a stranger who only says so gets nothing that is meant for that person. */
  readonly isCallee: boolean
  /** Whether our identity key (our name, where there are no keys) is the bytewise smaller of the two. */
  readonly wePrecede: boolean
}

/** Whose call goes on. `wait`: our dial has to end first. `apart`: nothing of ours is under way, so it is a call like any other. */
export type Crossing = 'ours' | 'theirs' | 'wait' | 'apart'

/**
 * Decides which of two crossed calls goes on (docs/protocol.md, Peers). Both sides come to the same answer, for a call
 * counts from the moment in which the other side hears it; where both count, that of the smaller identity goes on.
 *
 * @param state of what there is with the person whom we are calling
 */
export function crossing(state: PeerState, { isCallee, wePrecede }: CrossingCaller): Crossing {
  switch (state) {
    case 'none/dialling':
      // Until it ends nobody knows which key answers there.
      return isCallee ? 'theirs' : 'wait'
    case 'none/placed':
      return isCallee && !wePrecede ? 'theirs' : 'ours'
    case 'none/yielded':
      return isCallee ? 'theirs' : 'ours'
    case 'none/refused':
      return isCallee ? 'theirs' : 'apart'
    default:
      return 'apart'
  }
}
