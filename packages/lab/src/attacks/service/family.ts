import type { Family } from '../attack.ts'
import { expensiveGroup } from './expensive-group.ts'
import { expensiveText } from './expensive-text.ts'
import { flood } from './flood.ts'
import { forgedRow } from './forged-row.ts'
import { halfHandshakes } from './half-handshakes.ts'
import { offerChurn } from './offer-churn.ts'
import { oversizedFrame } from './oversized-frame.ts'
import { requestFlood } from './request-flood.ts'
import { silentSockets } from './silent-sockets.ts'
import { slowLoris } from './slow-loris.ts'
import { swappedOffer } from './swapped-offer.ts'
import { terminalInjection } from './terminal-injection.ts'

export const service: Family = {
  title: 'The programs themselves',
  attacks: [
    terminalInjection,
    forgedRow,
    expensiveText,
    oversizedFrame,
    offerChurn,
    swappedOffer,
    slowLoris,
    silentSockets,
    flood,
    requestFlood,
    expensiveGroup,
    halfHandshakes,
  ],
}
