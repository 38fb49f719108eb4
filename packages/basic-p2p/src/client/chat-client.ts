import { errorEvent } from '@p2p-secure-chat/core/error-event'
import { contained, reportDefectsTo } from '@p2p-secure-chat/core/contain'
import { asChatError, ChatError } from '@p2p-secure-chat/core/errors'
import { type Address, formatAddress } from '@p2p-secure-chat/core/net/address'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import type { Listener } from '@p2p-secure-chat/core/net/listen'
import { isDebugged, reportError, stackOf } from '@p2p-secure-chat/core/terminal/report-error'
import type { TapSocket } from '@p2p-secure-chat/core/net/socket-tap'
import type { AcceptPolicy } from '../chat/accept-policy.ts'
import { chatEngine } from '../chat/chat-engine.ts'
import type { ChatEvent } from '../chat/chat-event.ts'
import { listenForPeers } from '../chat/peer-listener.ts'
import type { DirectoryClient } from '../directory/directory-client.ts'
import { lastingDirectory } from '../directory/lasting-directory.ts'
import type { FilePolicy } from '../files/file-transfers.ts'
import { requireFolder } from '../files/receiving-folder.ts'
import { blockCommands } from '../commands/block-commands.ts'
import type { CommandContext } from '../commands/chat-command.ts'
import { commonCommands } from '../commands/common-commands.ts'
import { course } from './course.ts'
import type { Disclosure } from '@p2p-secure-chat/core/files/disclosure'
import { onEndOfProcess } from './end-of-process.ts'
import { fileCommands } from '../commands/file-commands.ts'
import { failedCalls } from '../chat/failed-calls.ts'
import { interpretLine } from '../commands/interpret-line.ts'
import { carriesText, isUrgent, type Manner } from '../commands/parse-line.ts'
import { flushOutput, jsonPresenter, pipePresenter } from '../screen/presenter.ts'
import { arrivals, whereabouts } from './reach.ts'
import { readPipe } from './read-pipe.ts'
import type { Persona } from './persona.ts'
import { type Preferences, openPreferences } from './preferences.ts'
import { openHistory, type KeptHistory } from './kept-history.ts'
import { withSuggestion } from '../commands/suggestions.ts'
import { otherClients } from '../screen/other-clients.ts'
import { openTerminal, type Terminal } from '../screen/terminal.ts'

/** How long the goodbyes may take when the client ends, in milliseconds. */
const QUIT_DEADLINE = 1_500

/** How long the log may take to stop, in milliseconds: a disk that hangs must not keep anybody here. */
const LOG_DEADLINE = 300

/** What the command line says, checked. */
export interface ChatClientOptions {
  readonly name: string
  readonly directory: Address
  /** Whom to call at once. */
  readonly to: string | null
  /** Seconds to wait for `to` to come online, or to have a place for the call; null where nobody said. */
  readonly wait: number | null
  /** Where to take calls; a host of null means that the directory's welcome decides. */
  readonly listen: { readonly host: string | null; readonly port: number }
  /** The port to tell the directory, where a router forwards another one than we listen on. */
  readonly advertise: number | null
  readonly accept: AcceptPolicy
  readonly files: FilePolicy
  /** Leave after the first conversation. */
  readonly once: boolean
  readonly manner: Manner
  /** Whether a terminal's output is read aloud. */
  readonly plain: boolean
  /** What is written down besides. They stay open for whoever opened them. */
  readonly disclosures: readonly Disclosure[]
  /** How many others use the directory that runs inside this process. */
  readonly others: () => number
  /** Watches all connections. */
  readonly tap: TapSocket | undefined
}

/**
 * Runs a chat client until its person, its input or its conversation ends it.
 *
 * @returns the exit code: 0 if everything was delivered, 1 if something failed, 3 if security refused it
 * @throws {ChatError} what kept it from starting
 */
export async function runChatClient(persona: Persona, options: ChatClientOptions): Promise<number> {
  const { name, manner, to } = options
  const quit = new AbortController()
  const quitted = new Promise<void>(resolve => quit.signal.addEventListener('abort', () => resolve()))
  onEndOfProcess(() => quit.abort())

  const online = arrivals()
  const progress = course({
    to,
    once: options.once,
    interactive: manner === 'terminal',
    isTyping: () => terminal?.typing === true,
  })
  let context: CommandContext | null = null
  let terminal: Terminal | null = null
  let history: KeptHistory | null = null
  let preferences: Preferences | null = null
  let presenter = manner === 'json' ? jsonPresenter() : pipePresenter()
  let listener: Listener | null = null
  /** Texts that came when it was over already. */
  let unsaid = 0

  async function emit(event: ChatEvent): Promise<void> {
    if (event.event === 'presence') online.presence(event.name, event.online)
    progress.follow(event)
    const shown = show(event)
    persona.log?.follow(event)
    // At once: what is entered while this is written has nobody to go to any more.
    if (progress.isLast(event)) quit.abort()
    await shown
  }

  /** A presenter with a defect cannot be asked to show it. */
  async function show(event: ChatEvent): Promise<void> {
    try {
      const shown = presenter.show(event)
      terminal?.follow(event)
      await shown
    } catch (thrown) {
      if (thrown instanceof ChatError) throw thrown
      reportError(thrown, { debug: isDebugged() })
      throw asChatError(thrown)
    }
  }

  /** An output that is gone has asked to quit already. */
  function tell(event: ChatEvent): void {
    contained(emit(event))
  }

  function report(error: ChatError): void {
    tell(errorEvent(error))
  }

  /** @param turn when those before it are done, where it does not wait for them: until then they go to whom they were for */
  async function enter(line: string, turn?: Promise<unknown>): Promise<void> {
    if (context === null || quit.signal.aborted) {
      if (carriesText(line, manner)) unsaid += 1
      return
    }
    try {
      if (turn === undefined) await interpretLine(line, context, manner)
      else await interpretEarly(line, context, turn)
    } catch (thrown) {
      const error = asChatError(thrown)
      reportWithStack(error)
      const mistyped = error.code === 'unknown-command' && manner !== 'terminal'
      if (carriesText(line, manner) || mistyped) progress.fail('undelivered')
    }
    progress.catchUp()
    terminal?.showPrompt()
  }

  async function interpretEarly(line: string, context: CommandContext, turn: Promise<unknown>): Promise<void> {
    const before = context.selected
    const early = { ...context }
    await interpretLine(line, early, manner)
    await turn
    if (early.selected !== before) context.selected = early.selected
  }

  function reportWithStack(error: ChatError): void {
    report(error)
    if (error.code === 'internal' && isDebugged()) presenter.note(stackOf(error))
  }

  /** Ends the client, unless its person wants to spare those who use the directory inside of it. */
  function leave(): void {
    const count = terminal === null ? 0 : options.others()
    if (count === 0 || terminal === null) return quit.abort()
    const question = `${otherClients(count)} the directory inside this client and will lose it when you leave. Leave?`
    contained(terminal.confirm(question).then(yes => void (yes && quit.abort())))
  }

  function onBadLine(error: ChatError): void {
    report(error)
    progress.fail(error.code)
  }

  reportDefectsTo(reportWithStack)
  if (options.files.decision === 'accept') await requireFolder(options.files.folder)
  const directory = await lastingDirectory({
    address: options.directory,
    rung: persona.upgrade.protocol,
    prove: persona.prove,
    tap: options.tap,
    onFull: ({ code }) => presenter.note(`the directory has no place now, trying again (${code})`),
    onPresence: (peer, isOnline) => tell({ event: 'presence', name: peer, online: isOnline }),
    onChange(change) {
      if (change.state === 'replaced') online.giveUp()
      tell({ event: 'directory', ...change })
    },
  })
  const people = whereabouts(directory, () => listener)
  const seconds = options.wait ?? 0
  let waitFor = seconds > 0 ? to : null
  const patience = options.wait === null ? undefined : options.wait * 1_000
  const engine = chatEngine({
    name,
    upgrade: persona.upgrade,
    policy: options.accept,
    blocked: persona.blocked,
    files: options.files,
    async locate(peer, signal) {
      const wait = peer === waitFor
      waitFor = null
      if (wait) await online.arrival(directory, peer, seconds, signal)
      try {
        return await (engine.isInterrupted(peer) ? people.locateAgain(peer) : people.locate(peer))
      } catch (error) {
        if (manner !== 'terminal' || !(error instanceof ChatError)) throw error
        throw await withSuggestion(error, peer, directory)
      }
    },
    emit,
    tap: options.tap,
  })

  /** Does what a pipe says; at its end waits until everything arrived. */
  async function followPipe(): Promise<void> {
    const called = to === null ? Promise.resolve(true) : engine.call(to, patience)
    const read = readPipe(process.stdin, {
      after: called,
      carriesText: line => carriesText(line, manner),
      isUrgent: (line, behindTexts) =>
        isUrgent(line, manner, { calling: engine.calling, selected: progress.selected, behindTexts }),
      enter,
      onBadLine,
    })
    await Promise.all([called, read])
    if (to === null && options.once) return quitted
    await Promise.all(engine.open.map(peer => engine.settled(peer)))
    if (to !== null && engine.open.includes(to)) await engine.leave(to)
  }

  function followTerminal(): Promise<void> {
    if (to !== null) engine.call(to, patience).catch(thrown => reportWithStack(asChatError(thrown)))
    return quitted
  }

  let onReady = () => {}
  const ready = new Promise<void>(resolve => {
    onReady = resolve
  })
  try {
    if (options.accept !== 'none') {
      const onFailure = failedCalls(report)
      listener = await listenForPeers(
        { host: options.listen.host ?? defaultHost(directory), port: options.listen.port },
        persona.upgrade,
        connection => contained(ready.then(() => engine.take(connection))),
        (error, source) => contained(ready.then(() => onFailure(error, source))),
        options.tap,
      )
    }
    await directory.register(name, listener === null ? null : (options.advertise ?? listener.port))
    const early: string[] = []
    const remark = (text: string) =>
      void (manner === 'terminal' && terminal === null ? early.push(text) : presenter.note(text))
    await persona.log?.start(report, remark)
    if (manner === 'terminal') {
      history = await openHistory(persona.files, remark)
      const forNow = options.plain ? { plain: true } : {}
      preferences = await openPreferences(persona.files, forNow, remark, settings => terminal?.apply(settings))
      // From here to the banner in one go: nothing that is typed may come in between.
      terminal = openTerminal({
        name,
        history,
        settings: preferences.current,
        context: () => context,
        names: () => progress.names,
        onLine: line => void enter(line),
        others: options.others,
        onLeave: leave,
        onGone: () => quit.abort(),
      })
      presenter = terminal.presenter
      for (const text of early) presenter.note(text)
    }
    context = {
      name,
      engine,
      directory,
      directoryAddress: options.directory,
      expectKey: persona.expectKey,
      blocked: persona.blocked,
      presenter: {
        show: emit,
        note: text => presenter.note(text),
        verbatim: text => presenter.verbatim(text),
        picture: rows => presenter.picture(rows),
      },
      preferences,
      interactive: manner === 'terminal',
      get selected() {
        return progress.selected
      },
      set selected(peer) {
        progress.selected = peer
      },
      commands: [...commonCommands, ...blockCommands, ...fileCommands, ...persona.commands],
      confirm: terminal?.confirm ?? (() => Promise.resolve(false)),
      quit: leave,
    }
    tell({
      event: 'ready',
      name,
      listen: listener && formatAddress(listener),
      directory: formatAddress(options.directory),
      protocol: persona.upgrade.protocol,
      ...persona.upgrade.protection,
      fingerprint: persona.fingerprint,
      notices: options.disclosures.flatMap(({ notice }) => notice ?? []),
    })
    for (const disclosure of options.disclosures) disclosure.onFailure(report)
    onReady()
    await Promise.race([manner === 'terminal' ? followTerminal() : followPipe(), quitted])
  } finally {
    listener?.stop()
    const goodbyes = Promise.all([engine.leaveAll(), directory.leave(), history?.settled()])
    await withDeadline(goodbyes, QUIT_DEADLINE, 'the goodbyes').catch(() => undefined)
    engine.abandon()
    await withDeadline(Promise.resolve(persona.log?.stop()), LOG_DEADLINE, 'the log').catch(() => undefined)
    listener?.destroyAll()
    terminal?.close()
    // A person whose name was refused is asked for another one.
    if (manner !== 'terminal') process.stdin.destroy()
  }
  if (unsaid > 0) report(new ChatError('undelivered', `${unsaid} texts came too late`))
  await flushOutput()
  return progress.exitCode(engine.undelivered + unsaid)
}

/** On this machine alone, or on every interface, as the directory is; and in its family of addresses. */
function defaultHost(directory: DirectoryClient): string {
  const v6 = directory.host.includes(':')
  if (directory.open) return v6 ? '::' : '0.0.0.0'
  return v6 ? '::1' : '127.0.0.1'
}
