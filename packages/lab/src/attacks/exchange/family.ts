import type { Family } from '../attack.ts'
import { discreteLog } from './discrete-log.ts'
import { downgradeGroup } from './downgrade-group.ts'
import { downgradeVersion } from './downgrade-version.ts'
import { invalidPublicValue } from './invalid-public-value.ts'
import { misbinding } from './misbinding.ts'
import { mitm } from './mitm.ts'

export const exchange: Family = {
  title: 'The key exchange',
  attacks: [mitm, misbinding, discreteLog, invalidPublicValue, downgradeGroup, downgradeVersion],
}
