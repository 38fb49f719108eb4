import { channelSuite } from '../../../core/test/support/channel-suite.ts'
import { upgradedEnds } from '../../../core/test/support/ends.ts'
import { plainUpgrade } from '../../src/plain-upgrade.ts'

channelSuite('the basic rung', wire => upgradedEnds(wire, plainUpgrade('alice'), plainUpgrade('bob')), {
  integrity: false,
})
