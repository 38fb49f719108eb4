import { ChatError, rethrowUnless } from '@p2p-secure-chat/core/errors'
import { blockedForNow } from '../../src/chat/blocked-peers.ts'
import type { ChatEngine } from '../../src/chat/chat-engine.ts'
import type { ChatCommand, CommandContext } from '../../src/commands/chat-command.ts'
import { commonCommands } from '../../src/commands/common-commands.ts'
import { interpretLine } from '../../src/commands/interpret-line.ts'
import type { InputMode } from '../../src/commands/parse-line.ts'

interface Options {
  readonly selected?: string | null
  readonly open?: readonly string[]
  readonly ringing?: readonly string[]
  readonly calling?: readonly string[]
  /** Who takes a call. */
  readonly answering?: readonly string[]
  readonly expectKey?: CommandContext['expectKey']
  readonly preferences?: CommandContext['preferences']
  /** Commands of a higher rung. */
  readonly commands?: readonly ChatCommand[]
}

/** Alice's client, of which only the commands are real: what they do is written down, errors by their codes. */
export function scene({
  selected = null,
  open = [],
  ringing = [],
  calling = [],
  answering = [],
  expectKey = null,
  preferences = null,
  commands = [],
}: Options = {}) {
  const deeds: string[] = []
  const errors: string[] = []
  const done = (deed: string) => {
    deeds.push(deed)
    return Promise.resolve()
  }
  const engine: ChatEngine = {
    open,
    ringing: ringing.map(peer => ({
      peer,
      since: Number.NEGATIVE_INFINITY,
      accept: () => done(`accept ${peer}`),
      decline: () => void done(`decline ${peer}`),
    })),
    calling,
    undelivered: 0,
    files: () => null,
    exchanging: [],
    goneAt: Number.NEGATIVE_INFINITY,
    isInterrupted: () => false,
    security: () => null,
    async call(peer) {
      await done(`call ${peer}`)
      return answering.includes(peer)
    },
    async block(peer) {
      await done(`block ${peer}`)
      return peer === 'mallory' ? 'key' : null
    },
    say: (peer, text) => done(`say ${peer} ${JSON.stringify(text)}`),
    settled: () => Promise.resolve(),
    leave: peer => done(`leave ${peer}`),
    leaveAll: () => done('leave all'),
    abandon: () => undefined,
    take: () => undefined,
  }
  const context: CommandContext = {
    name: 'alice',
    engine,
    directory: {
      open: false,
      host: '127.0.0.1',
      register: () => Promise.resolve(),
      async who(prefix, after = '') {
        await done(`who ${prefix}|${after}`)
        return { users: [], next: null }
      },
      lookup: () => Promise.reject(new ChatError('unknown-user', 'nobody')),
      watch: () => Promise.resolve(),
      leave: () => Promise.resolve(),
    },
    directoryAddress: { host: '127.0.0.1', port: 10_001 },
    expectKey,
    blocked: blockedForNow(),
    preferences,
    presenter: {
      show: event => done(`show ${event.event}`),
      note: text => void done(`note ${text}`),
      answer: text => void done(`answer ${text}`),
      verbatim: text => void done(`verbatim ${text}`),
      picture: () => void done('picture'),
    },
    interactive: false,
    selected,
    commands: [...commonCommands, ...commands],
    confirm: () => Promise.resolve(false),
    quit: () => void done('quit'),
  }
  const enter = (line: string, inputMode: InputMode = 'pipe') =>
    interpretLine(line, context, inputMode).catch((error: unknown) => {
      rethrowUnless(error)
      deeds.push(error.code)
      errors.push(error.message)
    })
  return { deeds, errors, context, enter }
}
