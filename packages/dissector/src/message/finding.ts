/** How much it matters, least first. */
export const SEVERITIES = ['note', 'warning', 'error'] as const

export type Severity = (typeof SEVERITIES)[number]

interface Meaning {
  readonly severity: Severity
  /** What it means, in one sentence. */
  readonly text: string
}

/** All that can be said against a message. In Wireshark these are expert items, filtered as `p2pc.finding.bad_tag`. */
export const MESSAGE_FINDINGS = {
  // Weaknesses of the protocol that is spoken
  plaintext: { severity: 'warning', text: 'anyone on the path can read this' },
  'unproven-name': { severity: 'note', text: 'nothing proves this name' },
  malleable: { severity: 'note', text: 'nothing authenticates this record: anyone on the path can change it' },
  'small-group': { severity: 'error', text: 'the group is so small that anyone can compute the secret' },
  legacy: { severity: 'warning', text: 'an exchange that nothing authenticates, without frames and without versions' },

  // What an attack looks like, or a fault
  'bad-public-value': { severity: 'error', text: 'this public value makes the secret known to everybody' },
  'bad-identity': { severity: 'error', text: 'the identity does not hold: altered, or made for another exchange' },
  'bad-confirm': { severity: 'error', text: 'the confirmation is wrong: the two sides do not have the same keys' },
  'bad-tag': { severity: 'error', text: 'the tag is wrong: altered or forged' },
  replayed: { severity: 'error', text: 'this record was sent before' },
  reordered: { severity: 'error', text: 'records before this one are missing' },
  reflected: { severity: 'error', text: 'this record was made by the other side' },
  'iv-reuse': { severity: 'error', text: 'this IV was used before: equal beginnings show' },
  'bad-frame': { severity: 'error', text: 'this does not follow the protocol' },

  // Worth knowing
  retry: { severity: 'note', text: 'another group was asked for' },
  refused: { severity: 'note', text: 'the other side was refused' },
  'no-key': { severity: 'note', text: 'no key log line for this: it stays sealed, and a CONFIRM unchecked' },
} as const satisfies Record<string, Meaning>

/** What can be said against a message, or against a connection as a whole: that the reader alone says. */
export const FINDINGS = {
  ...MESSAGE_FINDINGS,
  cut: { severity: 'warning', text: 'the connection ended without a goodbye' },
  'mid-conversation': { severity: 'note', text: 'the capture does not have the beginning of this conversation' },
  gap: { severity: 'warning', text: 'bytes are missing in the capture' },
  'not-understood': { severity: 'note', text: 'this part of the capture could not be understood' },
} as const satisfies Record<string, Meaning>

export type FindingCode = keyof typeof FINDINGS

export interface Finding {
  readonly code: FindingCode
  /** What it is in this case, such as `seen before in packet 12`; null where the text of the code says it all. */
  readonly detail: string | null
}
