import { typedCommand } from '@p2p-secure-chat/core/terminal/typed-command'
import { noSuch } from '@p2p-secure-chat/basic-p2p/commands/suggestions'
import type { Attack, Family } from './attack.ts'
import { readFamily } from './attack-texts.ts'
import { discreteLog } from './exchange/discrete-log.ts'
import { downgradeGroup } from './exchange/downgrade-group.ts'
import { downgradeVersion } from './exchange/downgrade-version.ts'
import { invalidPublicValue } from './exchange/invalid-public-value.ts'
import { misbinding } from './exchange/misbinding.ts'
import { mitm } from './exchange/mitm.ts'
import { firstContact, invitedContact } from './people/first-contact.ts'
import { identitySubstitution } from './people/impostor.ts'
import { nameHijack } from './people/name-hijack.ts'
import { stolenKeyFuture, stolenKeyPast } from './people/stolen-keys.ts'
import { wrongAddress, wrongKey } from './people/misdirection.ts'
import { bitFlip } from './records/bit-flip.ts'
import { drop } from './records/drop.ts'
import { ivFlip } from './records/iv-flip.ts'
import { paddingOracle } from './records/padding-oracle.ts'
import { reflection, replay, splicing } from './records/replay.ts'
import { reorder } from './records/reorder.ts'
import { truncation } from './records/truncation.ts'
import { expensiveGroup } from './service/expensive-group.ts'
import { expensiveText } from './service/expensive-text.ts'
import { flood } from './service/flood.ts'
import { forgedRow } from './service/forged-row.ts'
import { halfHandshakes } from './service/half-handshakes.ts'
import { offerChurn } from './service/offer-churn.ts'
import { oversizedFrame } from './service/oversized-frame.ts'
import { requestFlood } from './service/request-flood.ts'
import { silentSockets } from './service/silent-sockets.ts'
import { slowLoris } from './service/slow-loris.ts'
import { swappedOffer } from './service/swapped-offer.ts'
import { terminalInjection } from './service/terminal-injection.ts'
import { eavesdropping } from './wire/eavesdropping.ts'
import { ivPrediction } from './wire/iv-prediction.ts'
import { trafficAnalysis } from './wire/traffic-analysis.ts'

/** All attacks, in the order in which they are taught: from listening to lying to breaking things. */
export const FAMILIES: readonly Family[] = [
  readFamily('wire', {
    eavesdropping,
    'traffic-analysis': trafficAnalysis,
    'iv-prediction': ivPrediction,
  }),
  readFamily('people', {
    'name-hijack': nameHijack,
    'wrong-address': wrongAddress,
    'wrong-key': wrongKey,
    'first-contact': firstContact,
    'invited-contact': invitedContact,
    'identity-substitution': identitySubstitution,
    'stolen-key-past': stolenKeyPast,
    'stolen-key-future': stolenKeyFuture,
  }),
  readFamily('exchange', {
    mitm,
    misbinding,
    'discrete-log': discreteLog,
    'invalid-public-value': invalidPublicValue,
    'downgrade-group': downgradeGroup,
    'downgrade-version': downgradeVersion,
  }),
  readFamily('records', {
    'bit-flip': bitFlip,
    'iv-flip': ivFlip,
    'padding-oracle': paddingOracle,
    replay,
    reorder,
    drop,
    reflection,
    truncation,
    splicing,
  }),
  readFamily('service', {
    'terminal-injection': terminalInjection,
    'forged-row': forgedRow,
    'expensive-text': expensiveText,
    'oversized-frame': oversizedFrame,
    'offer-churn': offerChurn,
    'swapped-offer': swappedOffer,
    'slow-loris': slowLoris,
    'silent-sockets': silentSockets,
    flood,
    'request-flood': requestFlood,
    'expensive-group': expensiveGroup,
    'half-handshakes': halfHandshakes,
  }),
]

export const ATTACKS: readonly Attack[] = FAMILIES.flatMap(({ attacks }) => attacks)

/** @throws {ChatError} `usage`, with the closest match as a suggestion */
export function attackByName(name: string): Attack {
  const attack = ATTACKS.find(one => one.name === name)
  if (attack !== undefined) return attack
  const names = ATTACKS.map(one => one.name)
  throw noSuch('attack', name, names, `${typedCommand('chat-lab', 'attack')} lists them all`)
}
