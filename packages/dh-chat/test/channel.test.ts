import { channelSuite } from '../../core/test/support/channel-suite.ts'
import { upgradedEnds } from '../../core/test/support/ends.ts'
import { dhUpgrade } from '../src/dh-upgrade.ts'
import { alice, bob } from './support/people.ts'
import { strangers } from './support/strangers.ts'
import { testGroup } from './support/test-group.ts'

const upgrade = (identity: typeof alice) => dhUpgrade({ identity, knownPeers: strangers, groups: [testGroup] })

channelSuite('the dh rung', wire => upgradedEnds(wire, upgrade(alice), upgrade(bob)), { integrity: false })
