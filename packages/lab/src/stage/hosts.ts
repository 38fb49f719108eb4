/** A machine that the recorder makes and that exists while it records. */
export interface Host {
  readonly address: string
  /** Locally administered (IEEE 802, the bit of 0x02), so no real machine was made with it. */
  readonly mac: string
}

/** The three machines of every capture, on one wire. */
export const HOSTS = {
  server: { address: '10.0.0.1', mac: '02:00:00:00:00:01' },
  alice: { address: '10.0.0.2', mac: '02:00:00:00:00:02' },
  bob: { address: '10.0.0.3', mac: '02:00:00:00:00:03' },
} as const satisfies Record<string, Host>

export type HostName = keyof typeof HOSTS

/** Bits of their common network. */
export const PREFIX_LENGTH = 24
