import { contain, contained, ignorable } from '@p2p-secure-chat/core/contain'
import { ChatError, inWordsOf, type Words } from '@p2p-secure-chat/core/errors'
import { conclude, dismiss } from '@p2p-secure-chat/core/net/conclude'
import { type Address, formatAddress, plainHost } from '@p2p-secure-chat/core/net/address'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import { dial } from '@p2p-secure-chat/core/net/dial'
import { clock } from '@p2p-secure-chat/core/net/patience'
import { socketChannel, type TapSocket } from '@p2p-secure-chat/core/net/socket-channel'
import { timeSlices } from '@p2p-secure-chat/core/limits/turns'
import { expectMessage, readError } from '@p2p-secure-chat/core/wire/error-message'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { withGoodbye } from '@p2p-secure-chat/core/wire/goodbye'
import { exchangeHello, HELLO_DEADLINE, type Protocol } from '@p2p-secure-chat/core/wire/hello'
import { withKeepalive } from '@p2p-secure-chat/core/wire/keepalive'
import { ERROR } from '@p2p-secure-chat/core/wire/common-messages'
import type { ValueOf } from '@p2p-secure-chat/core/wire/message-type'
import type { Prove } from './authentication.ts'
import { checkAnsweredName, directoryRequests, type Page } from './directory-requests.ts'
import type { Card } from './registry.ts'
import { CARD, directoryLimits, PRESENCE, REGISTER, REGISTERED, USERS, WATCH, WELCOME } from '../messages/directory.ts'

/** How long the directory may take for an answer, in milliseconds. */
const ANSWER_DEADLINE = 10_000

/** The other side, as errors name it. */
const SPEAKER = 'the directory'

const DIRECTORY: Words = {
  server: SPEAKER,
  hints: {
    closed: 'it was stopped or is restarting: check that it runs, then start again',
    cut: 'check --directory, that it runs, and the network, then start again',
    timeout: 'it is busy or hangs, or something else answers there: check --directory and that it runs',
    'too-many': 'the directory is full: wait a moment; --help of the server names its limits',
    'bad-address': 'check --directory: HOST:PORT, for example 127.0.0.1:10001 or [::1]:10001',
  },
}

/** A user's connection to a directory. */
export interface DirectoryClient {
  /** Whether other machines can reach the directory, as it says itself. */
  readonly open: boolean
  /** The directory's IP address, as our connection has it. */
  readonly host: string
  /** Registers the name. @throws {ChatError} `name-taken`, `bad-name`, `bad-proof`, `too-many` */
  register(name: string, port: number | null): Promise<void>
  /** One page of the users who are online. @throws {ChatError} `no-directory` once it is gone, as lookup and watch do */
  who(prefix: string, after?: string): Promise<Page>
  /** Where a user is. A hint only. @throws {ChatError} `unknown-user` */
  lookup(name: string): Promise<Card>
  /** Watches when these users come and go, in place of those watched before. */
  watch(names: readonly string[]): Promise<void>
  /** Says goodbye. Never rejects. */
  leave(): Promise<void>
}

export interface DirectoryClientOptions {
  readonly address: Address
  readonly rung: Protocol
  /** Makes the proof of identity; null on the basic rung. */
  readonly prove: Prove | null
  readonly onPresence: (name: string, online: boolean) => void
  /** Watches the connection. */
  readonly tap?: TapSocket | undefined
  /** Ends the attempt to connect; its reason is what connectDirectory() throws. */
  readonly signal?: AbortSignal
  /** The directory is gone, by its own goodbye or otherwise. Not called after leave(). */
  readonly onEnd: (error: ChatError) => void
}

/**
 * Connects to a directory, up to its welcome.
 *
 * @throws {ChatError} `no-directory` when nothing listens there, `wrong-protocol` when something else does, `timeout`
 */
export async function connectDirectory(options: DirectoryClientOptions): Promise<DirectoryClient> {
  const where = formatAddress(options.address)
  const socket = await dial(options.address, { signal: options.signal }).catch((cause: unknown) => {
    if (!(cause instanceof ChatError) || cause.code !== 'unreachable') throw inWordsOf(DIRECTORY, cause)
    const refused = cause.cause instanceof Error && 'code' in cause.cause && cause.cause.code === 'ECONNREFUSED'
    throw new ChatError('no-directory', refused ? `no directory at ${where}` : `no directory: ${cause.message}`, {
      cause,
    })
  })
  const host = plainHost(socket.remoteAddress ?? options.address.host)
  const raw = socketChannel(socket, directoryLimits, options.tap?.(socket, true))
  const channel = withKeepalive(withGoodbye(raw), clock)

  async function ask<T>(answer: Promise<T>, what: string): Promise<T> {
    try {
      return await withDeadline(answer, ANSWER_DEADLINE, what)
    } catch (error) {
      if (error instanceof ChatError && error.code === 'timeout') channel.abort(error)
      throw error
    }
  }

  async function greet() {
    const hello = { protocol: 'directory/1', rung: options.rung } as const
    await withDeadline(exchangeHello(raw, hello), HELLO_DEADLINE, 'the hello')
    const welcome = WELCOME.read(await ask(expectMessage(channel, WELCOME.type, SPEAKER), 'the welcome'))
    if (options.prove !== null && welcome.nonce === undefined) {
      throw new ChatError('bad-message', 'the directory sent no nonce for a proof of identity')
    }
    return welcome
  }

  let welcome: ValueOf<typeof WELCOME>
  try {
    welcome = await greet()
  } catch (error) {
    raw.abort(error instanceof ChatError ? error : new ChatError('closed', 'given up'))
    throw inWordsOf(DIRECTORY, error)
  }

  // read() reports a connection that fails.
  const requests = directoryRequests(message => void ignorable(channel.send(message)))
  let left = false
  /** The names we watch, and the last presence reported for each. */
  let watched = new Map<string, boolean | null>()
  let ended: ChatError | null = null

  function take(message: Message): void {
    if (message.type === USERS.type || message.type === CARD.type) return requests.answered(message)
    if (message.type === PRESENCE.type) {
      const { name, online } = PRESENCE.read(message.body)
      // Presence that we do not watch, or know already, would only fill the screen.
      if (!watched.has(name) || watched.get(name) === online) return
      watched.set(name, online)
      return options.onPresence(name, online)
    }
    if (message.type === ERROR.type) {
      const { id, error } = readError(message.body, SPEAKER)
      if (id === undefined) throw error
      return requests.failed(id, error)
    }
    throw new ChatError('unexpected-message', `the directory sent type 0x${message.type.toString(16)}`)
  }

  async function read(): Promise<void> {
    const turn = timeSlices()
    let failure: ChatError | null = null
    try {
      for (let message = await channel.receive(); message !== null; message = await channel.receive()) {
        await turn()
        take(message)
      }
    } catch (thrown) {
      failure = contain(thrown)
    }
    ended = new ChatError(
      'no-directory',
      failure === null ? 'the directory said goodbye' : `the directory is gone: ${failure.message}`,
      { cause: failure },
    )
    requests.end(ended)
    if (!left) options.onEnd(ended)
    await conclude(channel, failure)
  }

  return {
    open: welcome.open,
    host,

    async register(name, port) {
      const address = formatAddress({ host, port: options.address.port })
      const proof = options.prove?.({ name, nonce: welcome.nonce ?? '' }, address)
      try {
        await channel.send(REGISTER.message({ name, port, ...(proof === undefined ? {} : { proof }) }))
        const answer = await ask(expectMessage(channel, REGISTERED.type, SPEAKER), 'the registration')
        checkAnsweredName(name, REGISTERED.read(answer).name)
      } catch (thrown) {
        const error = contain(thrown)
        void conclude(channel, error)
        throw inWordsOf(DIRECTORY, error)
      }
      contained(read())
    },

    async who(prefix, after = '') {
      if (ended !== null) throw ended
      return ask(requests.who(prefix, after), 'the answer of the directory')
    },

    async lookup(name) {
      if (ended !== null) throw ended
      return ask(requests.lookup(name), 'the answer of the directory')
    },

    async watch(names) {
      if (ended !== null) throw ended
      watched = new Map(names.map(name => [name, null]))
      await channel.send(WATCH.message({ names: [...names] }))
    },

    async leave() {
      left = true
      await dismiss(channel, null)
    },
  }
}
