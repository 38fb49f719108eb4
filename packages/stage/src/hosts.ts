/** A machine that the recorder makes and that exists while it records. */
export interface Host {
  readonly address: string
  /** Locally administered (IEEE 802, the bit of 0x02), so no real machine was made with it. */
  readonly mac: string
}

export const HOST_NAMES = ['server', 'alice', 'bob'] as const

export type HostName = (typeof HOST_NAMES)[number]

/** The three machines of every capture, on one wire. */
export const HOSTS = {
  server: { address: '10.0.0.1', mac: '02:00:00:00:00:01' },
  alice: { address: '10.0.0.2', mac: '02:00:00:00:00:02' },
  bob: { address: '10.0.0.3', mac: '02:00:00:00:00:03' },
} as const satisfies Record<HostName, Host>

/** Bits of their common network. */
export const PREFIX_LENGTH = 24

export const NETWORK = `10.0.0.0/${PREFIX_LENGTH}`
