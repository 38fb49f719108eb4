import { secureRung } from './secure-rung.ts'

/** The chat of this rung: private, with proven identities, but messages can still be altered on the path. */
export const dhRung = secureRung({
  bin: 'dh-chat',
  summary: 'chat directly with others under a key agreed by Diffie-Hellman; private, not safe from alteration',
  protocol: 'peer-dh/1',
  port: 10_000,
  async upgrade(options) {
    const { dhUpgrade } = await import('./dh-upgrade.ts')
    return dhUpgrade(options)
  },
})
