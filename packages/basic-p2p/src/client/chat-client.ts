import { ChatError } from '@p2p-secure-chat/core/errors'
import { type Address, formatAddress } from '@p2p-secure-chat/core/net/address'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import type { Listener } from '@p2p-secure-chat/core/net/listen'
import { readLines } from '@p2p-secure-chat/core/terminal/lines'
import { quietPipe } from '@p2p-secure-chat/core/terminal/quiet-pipe'
import type { AcceptPolicy } from '../chat/accept-policy.ts'
import { chatEngine } from '../chat/chat-engine.ts'
import type { ChatEvent } from '../chat/chat-event.ts'
import { listenForPeers } from '../chat/peer-listener.ts'
import { connectDirectory, type DirectoryClient } from '../directory/directory-client.ts'
import { type CommandContext, commonCommands } from './chat-command.ts'
import { interpretLine, type Manner } from './interpret-line.ts'
import { jsonPresenter, pipePresenter, type Presenter } from './presenter.ts'
import { arrivals, locate } from './reach.ts'
import type { Persona, Rung } from './rung.ts'
import { openTerminal, type Terminal } from './terminal.ts'

/** How long the goodbyes may take when the client ends, in milliseconds. */
const QUIT_DEADLINE = 1_800

/** What the command line says, checked. */
export interface ChatClientOptions {
  readonly name: string
  readonly directory: Address
  /** Whom to call at once. */
  readonly to: string | null
  /** Seconds to wait for `to` to come online. */
  readonly wait: number
  /** Where to take calls; a host of null means that the directory's welcome decides. */
  readonly listen: { readonly host: string | null; readonly port: number }
  /** The port to tell the directory, where a router forwards another one than we listen on. */
  readonly advertise: number | null
  readonly accept: AcceptPolicy
  /** Leave after the first conversation. */
  readonly once: boolean
  readonly manner: Manner
}

/**
 * Runs a chat client until its person, its input or its conversation ends it.
 *
 * @returns the exit code: 0 if everything was delivered, 1 if something failed, 3 if security refused it
 * @throws {ChatError} what kept it from starting
 */
export async function runChatClient(rung: Rung, persona: Persona, options: ChatClientOptions): Promise<number> {
  const { name, manner, to } = options
  const quit = new AbortController()
  const quitted = new Promise<void>(resolve => quit.signal.addEventListener('abort', () => resolve()))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => quit.abort())
  quietPipe(process.stdout, () => quit.abort())

  const online = arrivals()
  const talkedTo = new Set<string>()
  let context: CommandContext | null = null
  let terminal: Terminal | null = null
  let presenter: Presenter = manner === 'json' ? jsonPresenter() : pipePresenter()
  let listener: Listener | null = null
  let exitCode = 0

  async function emit(event: ChatEvent): Promise<void> {
    if (event.event === 'presence') online.presence(event.name, event.online)
    if (event.event === 'open') {
      talkedTo.add(event.peer)
      if (context !== null) context.selected ??= event.peer
    }
    await presenter.show(event)
    if (event.event === 'closed') onClosed(event)
    if (event.event === 'open' || event.event === 'closed') terminal?.showPrompt()
  }

  function onClosed({ peer, code, message }: Extract<ChatEvent, { event: 'closed' }>): void {
    if (context?.selected === peer) context.selected = null
    if (peer === to && code !== null) count(new ChatError(code, message ?? code))
    if ((options.once && talkedTo.has(peer)) || (peer === to && manner !== 'terminal')) quit.abort()
  }

  /** What went wrong decides the exit code; only what security refused is 3. */
  function count(error: ChatError): void {
    exitCode = Math.max(exitCode, error.exitCode === 3 ? 3 : 1)
  }

  async function report(error: unknown): Promise<void> {
    if (!(error instanceof ChatError)) throw error
    await emit({ event: 'error', code: error.code, message: error.message })
  }

  async function enter(line: string): Promise<void> {
    if (context !== null) await interpretLine(line, context, manner)
    terminal?.showPrompt()
  }

  const directory = await connectDirectory({
    address: options.directory,
    rung: rung.protocol,
    prove: persona.prove,
    onPresence: (peer, isOnline) => void emit({ event: 'presence', name: peer, online: isOnline }),
    onEnd(cause) {
      const why = cause === null ? 'the directory said goodbye' : `the directory is gone: ${cause.message}`
      void report(new ChatError('no-directory', `${why}; open conversations go on`, { cause }))
    },
  })
  const engine = chatEngine({
    name,
    upgrade: persona.upgrade,
    policy: options.accept,
    locate: peer => locate(directory, peer),
    emit,
  })

  /** Calls somebody, once they are online if there is time to wait; whether the conversation is open then. */
  async function reach(peer: string): Promise<boolean> {
    try {
      if (options.wait > 0) await online.arrival(directory, peer, options.wait)
      return await engine.call(peer)
    } catch (error) {
      if (error instanceof ChatError) count(error)
      await report(error)
      return false
    }
  }

  /** Does what the lines of a pipe say, one after the other; at the end waits until everything arrived. */
  async function readPipe(): Promise<void> {
    if (to !== null && !(await reach(to))) return
    for await (const line of readLines(process.stdin)) {
      try {
        if ('error' in line) throw line.error
        await enter(line.text)
      } catch (error) {
        await report(error)
        exitCode = Math.max(exitCode, 1)
      }
    }
    if (to === null && options.once) return quitted
    await Promise.all(engine.open.map(peer => engine.settled(peer)))
    if (to !== null && engine.open.includes(to)) await engine.leave(to)
  }

  try {
    if (options.accept !== 'none') {
      listener = await listenForPeers(
        { host: options.listen.host ?? defaultHost(directory), port: options.listen.port },
        persona.upgrade,
        (channel, learnt) => engine.take(channel, learnt),
        (error, source) => void report(new ChatError(error.code, `call from ${source}: ${error.message}`)),
      )
    }
    await directory.register(name, listener === null ? null : (options.advertise ?? listener.port))
    context = {
      engine,
      directory,
      presenter,
      selected: to,
      commands: [...commonCommands, ...persona.commands],
      confirm: () => Promise.resolve(false),
      quit: () => quit.abort(),
    }
    if (manner === 'terminal') {
      terminal = openTerminal(
        name,
        () => context,
        line => void enter(line).catch(report),
        () => quit.abort(),
      )
      presenter = terminal.presenter
      context = { ...context, presenter, confirm: terminal.confirm }
    }
    await emit({
      event: 'ready',
      name,
      listen: listener && formatAddress(listener),
      directory: formatAddress(options.directory),
      protocol: rung.protocol,
      fingerprint: persona.fingerprint,
    })
    if (manner !== 'terminal') await Promise.race([readPipe(), quitted])
    else {
      if (to !== null) void reach(to)
      await quitted
    }
  } finally {
    listener?.stop()
    await withDeadline(engine.leaveAll(), QUIT_DEADLINE, 'the goodbye').catch(() => undefined)
    await directory.leave()
    listener?.destroyAll()
    terminal?.close()
    process.stdin.destroy()
  }
  return engine.undelivered > 0 ? Math.max(exitCode, 1) : exitCode
}

/** On this machine alone, or on every interface, as the directory is; and in its family of addresses. */
function defaultHost(directory: DirectoryClient): string {
  const v6 = directory.host.includes(':')
  if (directory.open) return v6 ? '::' : '0.0.0.0'
  return v6 ? '::1' : '127.0.0.1'
}
