import { ACCEPT_POLICIES, type AcceptPolicy } from '../chat/call-policy.ts'
import type { Rung } from './rung.ts'

/** The policies of a rung: without identities nobody is known. */
export function policiesOf(rung: Rung): readonly AcceptPolicy[] {
  return ACCEPT_POLICIES.filter(policy => policy !== 'known' || rung.identities)
}

/** The default policy of a plain pipe, where nobody can answer. */
export function pipeDefault(rung: Rung): AcceptPolicy {
  return rung.identities ? 'known' : 'none'
}
