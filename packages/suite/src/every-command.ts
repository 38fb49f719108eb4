import type { ProgramName } from '@p2p-secure-chat/core/installation'
import type { Command } from 'commander'

/** A program of its own, which is also a subcommand of `p2p-secure-chat`. */
interface ListedCommand {
  readonly program: ProgramName
  /** Other names under which the same program is installed. */
  readonly aliases: readonly ProgramName[]
  /** Its name as a subcommand. */
  readonly word: string
  /** Its definition, from which help, completion, manual pages and docs/commands.md come. */
  readonly load: () => Promise<Command>
}

const loadClient = () => import('@p2p-secure-chat/basic-p2p/program/client-command')
const loadServer = () => import('@p2p-secure-chat/basic-p2p/program/server-command')
const loadCalculator = () => import('@p2p-secure-chat/calculator/commands')

/** The program that has all others as subcommands. */
export const UMBRELLA = 'p2p-secure-chat'

/** Everything that people can type, the daily chat first. */
export const EVERY_COMMAND: readonly ListedCommand[] = [
  {
    program: 'chat-client',
    aliases: ['aes-chat-client'],
    word: 'client',
    load: async () => (await loadClient()).clientCommand((await import('@p2p-secure-chat/aes-chat/aes-rung')).aesRung),
  },
  {
    program: 'chat-server',
    aliases: ['aes-chat-server'],
    word: 'server',
    load: async () => (await loadServer()).serverCommand((await import('@p2p-secure-chat/aes-chat/aes-rung')).aesRung),
  },
  {
    program: 'chat-lab',
    aliases: [],
    word: 'lab',
    load: async () => (await import('@p2p-secure-chat/lab/lab-command')).labCommand(),
  },
  {
    program: 'calc-server',
    aliases: [],
    word: 'calc-server',
    load: async () => (await loadCalculator()).calcServerCommand(),
  },
  {
    program: 'calc-client',
    aliases: [],
    word: 'calc-client',
    load: async () => (await loadCalculator()).calcClientCommand(),
  },
  {
    program: 'basic-chat-server',
    aliases: [],
    word: 'basic-server',
    load: async () =>
      (await loadServer()).serverCommand((await import('@p2p-secure-chat/basic-p2p/basic-rung')).basicRung),
  },
  {
    program: 'basic-chat-client',
    aliases: [],
    word: 'basic-client',
    load: async () =>
      (await loadClient()).clientCommand((await import('@p2p-secure-chat/basic-p2p/basic-rung')).basicRung),
  },
  {
    program: 'dh-chat-server',
    aliases: [],
    word: 'dh-server',
    load: async () => (await loadServer()).serverCommand((await import('@p2p-secure-chat/dh-chat/dh-rung')).dhRung),
  },
  {
    program: 'dh-chat-client',
    aliases: [],
    word: 'dh-client',
    load: async () => (await loadClient()).clientCommand((await import('@p2p-secure-chat/dh-chat/dh-rung')).dhRung),
  },
  {
    program: 'dh-params',
    aliases: [],
    word: 'dh-params',
    load: async () => (await import('@p2p-secure-chat/dh-chat/group/params-command')).paramsCommand(),
  },
]

/** The subcommand of each program, by its name. */
export const SUBCOMMANDS: ReadonlyMap<string, string> = new Map(
  EVERY_COMMAND.map(({ program, word }) => [program, word]),
)

/** The program that a person named, by its word or its own name; undefined if no program has it. */
export function commandNamed(name: string | undefined): ListedCommand | undefined {
  return EVERY_COMMAND.find(({ word, program, aliases }) => [word, program, ...aliases].some(known => known === name))
}
