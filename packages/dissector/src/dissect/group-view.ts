import { groupNames, namedGroup } from '@p2p-secure-chat/core/dh/groups'
import type { Field } from './field.ts'
import type { Finding } from './finding.ts'
import type { Values } from './read-message.ts'

/** Below this nobody should trust a group today (NIST SP 800-57 part 1, table 2: 112 bits of strength). */
const SAFE_BITS = 2_048

/** What can be said of the group and the public value of an OFFER or ANSWER: computed fields, and findings. */
export function viewGroup(values: Values): {
  readonly fields: readonly Field[]
  readonly findings: readonly Finding[]
} {
  const name = values.first('dh.group')
  const group = groupNames.includes(name) ? namedGroup(name) : null
  const [publicValue = null] = values.all('dh.public')
  const isHex = publicValue !== null && /^[0-9a-f]+$/i.test(publicValue)
  const bits = group?.bits ?? (isHex ? 4 * publicValue.length : null)
  const fields: Field[] = bits === null ? [] : [{ name: 'dh.bits', value: String(bits), place: null }]
  const findings: Finding[] = []
  if (bits !== null && bits < SAFE_BITS) findings.push({ code: 'small-group', detail: `${bits} bits` })
  if (publicValue !== null) {
    const value = isHex ? BigInt(`0x${publicValue}`) : null
    const outside = value === null || value < 2n || (group !== null && value >= group.p - 1n)
    if (outside) findings.push({ code: 'bad-public-value', detail: value === null ? 'it is no number' : null })
  }
  return { fields, findings }
}
