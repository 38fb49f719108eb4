/** The programs of one rung: modules of built bins, such as `@p2p-secure-chat/basic-p2p/bin/server`, or their file URLs. */
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

const programsOf = (name: string): Programs => ({
  server: `@p2p-secure-chat/${name}/bin/server`,
  client: `@p2p-secure-chat/${name}/bin/client`,
  serverFlags: ['--port', '0'],
})

const chatProgramsOf = (name: string): ChatPrograms => ({
  ...programsOf(name),
  clientFlags: home => ['--home', home, '--accept', 'all'],
  callLine: peer => `/chat ${peer}`,
  leaveLine: '/leave',
})

export const CALCULATOR_PROGRAMS: Programs = programsOf('calculator')

/** The chats whose protocol is made of frames, from HELLO to GOODBYE. */
export const CHATS = {
  basic: chatProgramsOf('basic-p2p'),
  dh: chatProgramsOf('dh-chat'),
  aes: chatProgramsOf('aes-chat'),
} as const satisfies Record<string, ChatPrograms>
