import { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import { choosePlain, isPlain } from '@p2p-secure-chat/core/terminal/is-plain'
import { suspend } from '@p2p-secure-chat/core/input/held-terminal'
import { interruptKey } from '@p2p-secure-chat/core/input/interrupt-key'
import { type LineEditor, type LineEditorOptions, openLineEditor } from '@p2p-secure-chat/core/input/line-editor'
import { openPlainEditor } from '@p2p-secure-chat/core/input/plain-editor'
import { windowTitle } from './window-title.ts'
import type { ChatEvent } from '../chat/chat-event.ts'
import type { CommandContext, Presenter } from '../commands/chat-command.ts'
import { completions } from '../commands/completions.ts'
import { hangUp } from '../commands/conversation-commands.ts'
import type { KeptHistory } from './kept-history.ts'
import { plainPresenter } from './plain-presenter.ts'
import { type PromptState, promptFor, unread } from './prompt.ts'
import { screenPresenter } from './screen-presenter.ts'
import type { Preferences, Settings } from '../commands/preferences.ts'
import { suspendKey } from './suspend-key.ts'
import { type YesNoQuestions, yesNoQuestions } from './yes-no-questions.ts'

export interface TerminalOptions {
  readonly preferences: Preferences
  readonly history: KeptHistory
  /** The state behind Tab and the prompt. */
  readonly context: CommandContext
  /** Names seen so far, for Tab. */
  readonly names: () => Iterable<string>
  /** Called with an entered line, unless it answers a question. */
  readonly onLine: (line: string) => void
  /** Number of other clients that use the directory inside this client. */
  readonly others: () => number
  /** Called when the terminal is gone. */
  readonly onGone: () => void
}

/** Events that may change the prompt. */
const CHANGES_PROMPT: ReadonlySet<ChatEvent['event']> = new Set([
  'call',
  'open',
  'interrupted',
  'resumed',
  'closed',
  'message',
])

const BELL = '\x07'

/** A person's terminal: lines in, events above the line being typed, a prompt that says to whom and how safely. */
export class Terminal {
  readonly #options: TerminalOptions
  readonly #title = windowTitle(process.stdout)
  readonly #unread = unread()
  readonly #questions: YesNoQuestions
  readonly #interrupt: () => void
  readonly #suspend: () => void
  #prompt: string
  #editor: LineEditor
  #presenter: Presenter

  /** Takes over the terminal until close(). */
  constructor(options: TerminalOptions) {
    const { preferences, context, others } = options
    const editor = () => this.#editor
    const say = (text: string) => this.#presenter.note(text)
    this.#options = options
    this.#questions = yesNoQuestions({
      editor,
      say,
      // Plain lines stay on the screen, so the question need not be repeated.
      onRefused: question => say(isPlain() ? 'no' : `${question}\nyes or no? no`),
      onChange: () => this.showPrompt(),
    })
    this.#suspend = suspendKey({ others, say, suspend })
    this.#interrupt = interruptKey({ editor, stop: () => hangUp(context), say, leave: context.quit })
    this.#prompt = `${context.name}> `
    choosePlain(preferences.current.plain)
    ;[this.#editor, this.#presenter] = this.#open()
    preferences.watch(settings => this.#apply(settings))
  }

  /** Whether a line has been started: it is meant for the person in the prompt at that time. */
  get typing(): boolean {
    return this.#editor.text !== ''
  }

  /** Shows events above the line being typed; a different one after every switch to or from plain lines. */
  get presenter(): Presenter {
    return this.#presenter
  }

  /** Updates bell, unread counts and prompt for an event. */
  follow(event: ChatEvent): void {
    const { preferences, context } = this.#options
    this.#unread.follow(event, context.selected)
    const calls = event.event === 'call' && event.direction === 'incoming'
    if (preferences.current.bell && (calls || (event.event === 'message' && event.direction === 'in'))) {
      process.stdout.write(BELL)
    }
    if (CHANGES_PROMPT.has(event.event)) this.showPrompt()
  }

  /** Redraws the prompt and marks its conversation as read. */
  showPrompt(): void {
    const { name, selected, engine } = this.#options.context
    if (selected !== null) this.#unread.read(selected)
    // Ctrl-C hangs up on them: see hangUp().
    const peer = selected ?? engine.calling.at(-1) ?? null
    // A screen reader has already read each text aloud.
    const unread = isPlain() ? new Map<string, number>() : this.#unread.counts
    const words = promptFor({ name, peer, unread, ...this.#stateOf(peer) }, colourFor(process.stdout))
    this.#prompt = this.#questions.prompt ?? words
    this.#editor.setPrompt(this.#prompt)
    this.#showTitle()
  }

  /** Asks a yes-or-no question, once all earlier ones are answered. */
  confirm(question: string): Promise<boolean> {
    return this.#questions.ask(question)
  }

  /** Restores the terminal. */
  close(): void {
    this.#questions.close()
    this.#editor.close()
    this.#title.restore()
  }

  #open(): readonly [LineEditor, Presenter] {
    const { preferences, history, context, names, onGone } = this.#options
    const editorOptions: LineEditorOptions = {
      input: process.stdin,
      output: process.stdout,
      prompt: this.#prompt,
      history: history.lines,
      complete: before => completions(before, { ...context, names }),
      onLine: line => this.#enter(line),
      onInterrupt: () => void (this.#questions.refuse() || this.#interrupt()),
      onEnd: () => void (this.#questions.refuse() || context.quit()),
      onSuspend: this.#suspend,
      onGone,
    }
    const view = { times: () => preferences.current.times, isSelected: (peer: string) => peer === context.selected }
    const columns = () => process.stdout.columns
    if (isPlain()) {
      const lines = openPlainEditor(editorOptions)
      return [lines, plainPresenter(lines, view, { columns })]
    }
    const drawn = openLineEditor(editorOptions)
    return [drawn, screenPresenter(drawn, view, { colours: colourFor(process.stdout), columns })]
  }

  #enter(line: string): void {
    const { history, context, onLine } = this.#options
    if (this.#questions.enter(line)) return
    history.add(line, context.commands)
    onLine(line)
  }

  #stateOf(peer: string | null): Pick<PromptState, 'security' | 'interrupted' | 'calling'> {
    if (peer === null) return { security: null, interrupted: false, calling: false }
    const { engine } = this.#options.context
    return {
      security: engine.security(peer),
      interrupted: engine.isInterrupted(peer),
      calling: engine.calling.includes(peer),
    }
  }

  #apply({ plain }: Settings): void {
    const before = isPlain()
    choosePlain(plain)
    if (isPlain() !== before) {
      this.#editor.close()
      ;[this.#editor, this.#presenter] = this.#open()
    }
    this.showPrompt()
  }

  #showTitle(): void {
    const { preferences, context } = this.#options
    const { total } = this.#unread
    if (!preferences.current.title || isPlain()) this.#title.restore()
    else this.#title.show(total === 0 ? `${context.name} - chat` : `(${total}) ${context.name} - chat`)
  }
}
