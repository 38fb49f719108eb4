/**
 * What is between us and one person: the state of the conversation, then that of the attempt to have one.
 *
 * The conversation is `open`, has lost its connection (`interrupted`), or one side has said goodbye (`ending`). The
 * attempt: `dialling`: the peer has not heard our call. `refused`: it has no place for it now, and we redial. `placed`:
 * it has heard us. `yielded`: both called at once, and the peer's call continues. `ringing`: the peer calls, and
 * somebody decides. `resuming`: the conversation gets a new connection. No other pairs exist.
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

/** What we send to the peer with a step; null for nothing. */
export type Saying = 'CALL' | 'ACCEPT' | 'DECLINE busy' | 'DECLINE crossed' | 'GOODBYE' | null

/** Where an event leads. */
export interface PeerStep {
  readonly to: PeerState
  readonly say: Saying
}

/** The steps of an event in all states in which it can happen, and why it cannot happen in others. */
interface Row {
  readonly steps: Readonly<Partial<Record<PeerState, PeerStep>>>
  readonly otherwise: string
}

const to = (next: PeerState, say: Saying = null): PeerStep => ({ to: next, say })

/** Everything that can happen between us and one person. */
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
  /** They have no place for our call; we retry. */
  full: {
    steps: { 'none/dialling': to('none/refused'), 'none/placed': to('none/refused') },
    otherwise: 'no call of ours is under way that could be turned away',
  },
  /** We redial. */
  redial: { steps: { 'none/refused': to('none/dialling') }, otherwise: 'no call of ours was turned away' },
  /** They accept our call. */
  accepted: {
    steps: { 'none/placed': to('open/none') },
    otherwise: 'an answer to a call that gave way or was given up is answered with GOODBYE by its session',
  },
  /** They say that their call replaces ours. */
  crossed: {
    steps: { 'none/placed': to('none/yielded') },
    otherwise: 'no call of ours has been heard that could be crossed, or it has given way already',
  },
  /** Our call has failed. */
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
  /** They call while no call of ours is under way. */
  called: {
    steps: {
      'none/none': to('none/ringing'),
      'none/ringing': to('none/ringing', 'DECLINE busy'),
      'open/none': to('open/none', 'DECLINE busy'),
      'interrupted/resuming': to('interrupted/resuming', 'DECLINE busy'),
    },
    otherwise: 'calls that cross have events of their own, and the end of a conversation is waited for',
  },
  /** They call, and their call replaces ours. */
  yields: {
    steps: {
      'none/dialling': to('none/yielded'),
      'none/refused': to('none/yielded'),
      'none/placed': to('none/yielded'),
      'none/yielded': to('none/yielded'),
    },
    otherwise: 'no call of ours is under way',
  },
  /** They call, and our call continues. */
  prevails: {
    steps: {
      'none/placed': to('none/placed', 'DECLINE crossed'),
      'none/yielded': to('none/yielded', 'DECLINE crossed'),
    },
    otherwise: 'they have not heard a call of ours',
  },
  /** We accept their call: our user or the policy says so, or our call gave way. */
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
  /** Their call stopped ringing without being accepted. */
  silent: { steps: { 'none/ringing': to('none/none') }, otherwise: 'nothing rings' },
  /** The connection of the conversation is lost. */
  lost: { steps: { 'open/none': to('interrupted/resuming') }, otherwise: 'no connection carries a conversation' },
  /** A new connection carries it. */
  resumed: { steps: { 'interrupted/resuming': to('open/none') }, otherwise: 'the conversation has its connection' },
  /** One side says goodbye. */
  parting: {
    steps: { 'open/none': to('ending/none', 'GOODBYE') },
    otherwise: 'no connection carries a conversation, or we have said goodbye',
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
 * The only way from state to state.
 *
 * @throws {TypeError} for an event that cannot happen in that state, with the reason
 */
export function step(state: PeerState, event: PeerEvent): PeerStep {
  const row: Row = PEER_EVENTS[event]
  const next = row.steps[state]
  if (next === undefined) throw new TypeError(`${event} while ${state}: ${row.otherwise}`)
  return next
}

/** Somebody who calls in the name of a person we are calling. */
export interface CrossingCaller {
  /** Whether they are known to be that person; a stranger who only claims to be gets nothing that is meant for them. */
  readonly isCallee: boolean
  /** Whether our identity key (our name, where there are no keys) is the bytewise smaller of the two. */
  readonly wePrecede: boolean
}

/**
 * Whose call continues. `wait`: our dial has to end first. `apart`: no call of ours is under way, so nothing crosses.
 */
export type CrossedOutcome = 'ours' | 'theirs' | 'wait' | 'apart'

/**
 * Decides which of two crossed calls continues (docs/protocol.md, Peers). Both sides come to the same answer: a call
 * counts from the moment in which the other side hears it, and if both count, that of the smaller identity continues.
 *
 * @param state what is between us and the person we are calling
 */
export function crossing(state: PeerState, { isCallee, wePrecede }: CrossingCaller): CrossedOutcome {
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
