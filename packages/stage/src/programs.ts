import { type ProgramName, programFile } from '@p2p-secure-chat/core/installation'

/** The programs of one rung, as files to be run by Node.js. */
export interface Programs {
  readonly server: string
  readonly client: string
  /** Flags under which the server listens on a free port of loopback. */
  readonly serverFlags: readonly string[]
}

/** The programs of a chat, and what its client understands. */
export interface ChatPrograms extends Programs {
  /** Flags under which a client accepts every call. @param home where it may keep what it keeps */
  readonly clientFlags: (home: string) => readonly string[]
  /** The line that calls a peer. */
  readonly callLine: (peer: string) => string
  /** The line that ends the conversation. */
  readonly leaveLine: string
}

const programsOf = (server: ProgramName, client: ProgramName): Programs => ({
  server: programFile(server),
  client: programFile(client),
  serverFlags: ['--port', '0'],
})

const chatProgramsOf = (name: 'basic' | 'dh' | 'aes'): ChatPrograms => ({
  ...programsOf(`${name}-chat-server`, `${name}-chat-client`),
  clientFlags: home => ['--home', home, '--accept', 'all'],
  callLine: peer => `/chat ${peer}`,
  leaveLine: '/leave',
})

export const CALCULATOR_PROGRAMS: Programs = programsOf('calc-server', 'calc-client')

/** The chats whose protocol is made of frames, from HELLO to GOODBYE. */
export const CHATS = {
  basic: chatProgramsOf('basic'),
  dh: chatProgramsOf('dh'),
  aes: chatProgramsOf('aes'),
} as const satisfies Record<string, ChatPrograms>
