import type { Rung } from './program/rung.ts'

/** The basic chat: plain text, and names that nothing proves. */
export const basicRung: Rung = {
  bin: 'basic-chat',
  summary: 'chat directly with others over plain TCP: anyone on the path can read and change it',
  protocol: 'peer-basic/1',
  port: 10_000,
  identities: false,
  requireSafeHome: () => Promise.resolve(),
  async prepare({ name }) {
    const [{ plainUpgrade }, { blockedForNow }] = await Promise.all([
      import('./plain-upgrade.ts'),
      import('./chat/blocked-peers.ts'),
    ])
    const nobody = { prove: null, fingerprint: null, expectKey: null, files: null, commands: [], log: null }
    return { upgrade: plainUpgrade(name), blocked: blockedForNow(), ...nobody }
  },
  openKeyLog: null,
  subcommands: () => undefined,
  authentication: () => Promise.resolve(null),
}
