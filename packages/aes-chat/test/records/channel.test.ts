import { channelSuite } from '../../../core/test/support/channel-suite.ts'
import { upgradedEnds } from '../../../core/test/support/ends.ts'
import { alice, bob } from '../../../dh-chat/test/support/people.ts'
import { strangers } from '../../../dh-chat/test/support/strangers.ts'
import { testGroup } from '../../../dh-chat/test/support/test-group.ts'
import { aesUpgrade } from '../../src/aes-upgrade.ts'

const upgrade = (identity: typeof alice) => aesUpgrade({ identity, knownPeers: strangers, groups: [testGroup] })

channelSuite('the aes rung', wire => upgradedEnds(wire, upgrade(alice), upgrade(bob)), { integrity: true })
