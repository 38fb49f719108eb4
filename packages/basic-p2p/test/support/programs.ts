import { type Bin, type BinOptions, startBin } from '../../../core/test/support/process.ts'
import { type Address, formatAddress } from '@p2p-secure-chat/core/net/address'

/** What a client prints with --json; which fields there are depends on the event. */
export interface Printed {
  readonly v: number
  readonly event: string
  readonly at: string
  readonly [field: string]: unknown
}

/** A directory as a process of its own, on a free port. */
export async function serve(args: readonly string[] = []): Promise<Bin & { readonly address: Address }> {
  const server = startBin('basic-chat-server', ['--port', '0', ...args])
  return { ...server, address: await server.listening() }
}

/** A client as a process of its own. */
export function client(directory: Address, name: string, args: readonly string[] = [], options: BinOptions = {}): Bin {
  return startBin('basic-chat-client', ['--name', name, '--directory', formatAddress(directory), ...args], options)
}

/** A client that speaks JSON. */
export interface Bot extends Bin {
  readonly printed: readonly Printed[]
  /** Reads on to an event of that kind, with those fields. */
  until(event: string, fields?: Readonly<Record<string, unknown>>): Promise<Printed>
}

/** @param options.input all of its stdin; without it stdin stays open */
export function bot(directory: Address, name: string, args: readonly string[] = [], options: BinOptions = {}): Bot {
  const program = client(directory, name, ['--json', ...args], options)
  const printed: Printed[] = []
  return {
    ...program,
    printed,
    async until(event, fields = {}) {
      for (;;) {
        const next: Printed = JSON.parse(await program.line())
        printed.push(next)
        const fits = Object.entries(fields).every(([field, value]) => next[field] === value)
        if (next.event === event && fits) return next
      }
    },
  }
}

/** A bot that is online. */
export async function onlineBot(directory: Address, name: string, args: readonly string[] = []): Promise<Bot> {
  const started = bot(directory, name, args)
  await started.until('ready')
  return started
}
