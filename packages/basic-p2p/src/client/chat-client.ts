import { contained } from '@p2p-secure-chat/core/contain'
import { deferred } from '@p2p-secure-chat/core/deferred'
import { asChatError, ChatError } from '@p2p-secure-chat/core/errors'
import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import type { Listener } from '@p2p-secure-chat/core/net/listen'
import { type ChatEngine, chatEngine } from '../chat/chat-engine.ts'
import { failedCalls } from '../chat/failed-calls.ts'
import { listenForPeers } from './peer-listener.ts'
import type { CommandContext } from '../commands/chat-command.ts'
import { commonCommands } from '../commands/common-commands.ts'
import { flushOutput } from '../screen/presenter.ts'
import { Terminal } from '../screen/terminal.ts'
import { assemble, type ChatClientOptions, type Parts } from './assembly.ts'
import { EnteredLines } from './entered-lines.ts'
import type { Profile } from './profile.ts'
import { listeningHost, locator } from './locate.ts'

/** How long the goodbyes may take when the client ends, in milliseconds. */
const QUIT_DEADLINE = 1_500

/** How long the log may take to stop, in milliseconds: a disk that hangs must not keep the client running. */
const LOG_DEADLINE = 300

/**
 * Runs a chat client until its user, its input or its conversation ends it.
 *
 * @returns the exit code: 0 if everything was delivered, 1 if something failed, 3 if security refused it
 * @throws {ChatError} why it could not start
 */
export async function runChatClient(profile: Profile, options: ChatClientOptions): Promise<number> {
  const client = new ChatClient(await assemble(profile, options))
  try {
    await client.open()
    await client.follow()
  } finally {
    await client.shutDown()
  }
  return client.finish()
}

/** A client, from its opening to its end. */
class ChatClient {
  readonly #parts: Parts
  readonly #engine: ChatEngine
  readonly #context: CommandContext
  readonly #lines: EnteredLines
  /** Listens for calls; null if nothing does, or not yet. */
  #listener: Listener | null = null
  /** Callers wait until we are ready. */
  readonly #ready = deferred()

  constructor(parts: Parts) {
    const { profile, options, dispatcher, directory, arrivals } = parts
    const { name, to, wait, inputMode } = options
    this.#parts = parts
    this.#engine = chatEngine({
      name,
      upgrade: profile.upgrade,
      policy: options.accept,
      blocked: profile.blocked,
      files: options.files,
      locate: locator({
        directory,
        arrivals,
        awaited: to === null || wait === null ? null : { name: to, seconds: wait },
        listener: () => this.#listener,
        isInterrupted: peer => this.#engine.isInterrupted(peer),
        suggests: inputMode === 'terminal',
      }),
      emit: dispatcher.show,
      tap: options.tap,
    })
    this.#context = this.#makeContext()
    this.#lines = new EnteredLines({ ...parts, inputMode, context: this.#context })
  }

  /** Listens for calls, registers the name and shows that. @throws {ChatError} `name-taken`, `port-in-use` and others */
  async open(): Promise<void> {
    const { profile, options, dispatcher, directory } = this.#parts
    if (options.accept !== 'none') this.#listener = await this.#listen()
    await directory.register(options.name, this.#listener && (options.advertise ?? this.#listener.port))
    await profile.log?.start(dispatcher.report, dispatcher.remark)
    // From here to the banner without a pause: nothing that is typed may come in between.
    this.#openTerminal()
    dispatcher.tell({
      event: 'ready',
      name: options.name,
      listen: this.#listener && formatAddress(this.#listener),
      directory: formatAddress(options.directory),
      protocol: profile.upgrade.protocol,
      ...profile.upgrade.protection,
      fingerprint: profile.fingerprint,
      notices: options.disclosures.flatMap(({ notice }) => notice ?? []),
    })
    for (const disclosure of options.disclosures) disclosure.onFailure(dispatcher.report)
    this.#ready.resolve()
  }

  /** Calls the name on the command line and does what the user says; settles when it is time to leave. */
  async follow(): Promise<void> {
    const { leaving, options } = this.#parts
    await Promise.race([options.inputMode === 'terminal' ? this.#followTerminal() : this.#followPipe(), leaving.begun])
  }

  /** Says goodbye to everyone and releases everything, even if it never opened. */
  async shutDown(): Promise<void> {
    const { profile, options, dispatcher, directory, kept } = this.#parts
    this.#listener?.stop()
    const goodbyes = Promise.all([this.#engine.leaveAll(), directory.leave(), kept?.history.settled()])
    await withDeadline(goodbyes, QUIT_DEADLINE, 'the goodbyes').catch(() => undefined)
    this.#engine.abandon()
    await withDeadline(Promise.resolve(profile.log?.stop()), LOG_DEADLINE, 'the log').catch(() => undefined)
    this.#listener?.destroyAll()
    dispatcher.terminal?.close()
    // A person whose name was refused may type another one.
    if (options.inputMode !== 'terminal') process.stdin.destroy()
  }

  /** Writes the last reports. @returns the exit code */
  async finish(): Promise<number> {
    const { exitPolicy, dispatcher } = this.#parts
    const { unsaid } = this.#lines
    if (unsaid > 0) dispatcher.report(new ChatError('undelivered', `${unsaid} texts came too late to be sent`))
    await flushOutput()
    return exitPolicy.exitCode(this.#engine.undelivered + unsaid)
  }

  #makeContext(): CommandContext {
    const { profile, options, leaving, exitPolicy, dispatcher, directory, kept } = this.#parts
    const confirm = (question: string) => dispatcher.terminal?.confirm(question) ?? Promise.resolve(false)
    return {
      name: options.name,
      engine: this.#engine,
      directory,
      directoryAddress: options.directory,
      expectKey: profile.expectKey,
      blocked: profile.blocked,
      presenter: dispatcher,
      preferences: kept?.preferences ?? null,
      interactive: options.inputMode === 'terminal',
      get selected() {
        return exitPolicy.selected
      },
      set selected(peer) {
        exitPolicy.selected = peer
      },
      commands: [...commonCommands, ...profile.commands],
      confirm,
      quit: () => leaving.request(dispatcher.terminal === null ? 0 : options.others(), confirm),
    }
  }

  #listen(): Promise<Listener> {
    const { profile, options, dispatcher, directory } = this.#parts
    const onFailure = failedCalls(dispatcher.report)
    return listenForPeers(
      { host: options.listen.host ?? listeningHost(directory), port: options.listen.port },
      profile.upgrade,
      connection => contained(this.#ready.promise.then(() => this.#engine.take(connection))),
      (error, source) => contained(this.#ready.promise.then(() => onFailure(error, source))),
      options.tap,
    )
  }

  #openTerminal(): void {
    const { options, leaving, exitPolicy, dispatcher, kept } = this.#parts
    if (kept === null) return
    const terminal = new Terminal({
      ...kept,
      context: this.#context,
      names: () => exitPolicy.names,
      onLine: line => void this.#lines.enter(line),
      others: options.others,
      onGone: () => leaving.begin(),
    })
    dispatcher.showOn(terminal)
  }

  #callFirst(): Promise<boolean> {
    const { to, wait } = this.#parts.options
    if (to === null) return Promise.resolve(true)
    return this.#engine.call(to, wait === null ? undefined : wait * 1_000)
  }

  async #followTerminal(): Promise<void> {
    const { dispatcher, leaving } = this.#parts
    this.#callFirst().catch(thrown => dispatcher.reportDefect(asChatError(thrown)))
    await leaving.begun
  }

  /** Does what a pipe says, and at its end waits until everything has arrived. */
  async #followPipe(): Promise<void> {
    const { leaving, options } = this.#parts
    const { to, once } = options
    const called = this.#callFirst()
    await Promise.all([called, this.#lines.readPipe(process.stdin, called)])
    if (to === null && once) return leaving.begun
    await Promise.all(this.#engine.open.map(peer => this.#engine.settled(peer)))
    if (to !== null && this.#engine.open.includes(to)) await this.#engine.leave(to)
  }
}
