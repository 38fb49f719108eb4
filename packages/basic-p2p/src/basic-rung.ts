import type { Rung } from './program/rung.ts'

/** The basic chat: plain text, and names that nothing proves. */
export const basicRung: Rung = {
  bin: 'basic-chat',
  summary: 'chat directly with others over plain TCP: anyone on the path can read and change it',
  protocol: 'peer-basic/1',
  port: 10_000,
  identities: false,
  async prepare({ name }) {
    const { plainUpgrade } = await import('./chat/plain-upgrade.ts')
    return { upgrade: plainUpgrade(name), prove: null, fingerprint: null, expectKey: null, commands: [], log: null }
  },
  subcommands: () => undefined,
  authentication: () => Promise.resolve(null),
}
