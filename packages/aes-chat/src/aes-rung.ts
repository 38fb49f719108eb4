import { secureRung } from '@p2p-secure-chat/dh-chat/secure-rung'

/** The chat for real use. */
export const aesRung = secureRung({
  bin: 'chat',
  summary: 'chat directly with others: private, authenticated, and nothing can be altered, replayed or cut unnoticed',
  protocol: 'peer-aes/1',
  port: 10_001,
  async upgrade(options) {
    const { aesUpgrade } = await import('./aes-upgrade.ts')
    return aesUpgrade(options)
  },
})
