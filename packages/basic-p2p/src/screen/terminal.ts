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
import { hangUp } from '../commands/talk-commands.ts'
import type { KeptHistory } from './kept-history.ts'
import { plainPresenter } from './plain-presenter.ts'
import { type Present, promptFor, unread } from './prompt.ts'
import { screenPresenter } from './screen-presenter.ts'
import type { Preferences, Settings } from '../commands/preferences.ts'
import { suspendKey } from './suspend-key.ts'
import { type YesNoQuestions, yesNoQuestions } from './yes-no-questions.ts'

export interface TerminalOptions {
  readonly preferences: Preferences
  readonly history: KeptHistory
  /** What Tab and the prompt are computed from. */
  readonly context: CommandContext
  /** Names that were heard of, for Tab. */
  readonly names: () => Iterable<string>
  /** Takes an entered line that is no answer to a question. */
  readonly onLine: (line: string) => void
  /** How many others use the directory that runs inside this client. */
  readonly others: () => number
  /** Told when the terminal is gone. */
  readonly onGone: () => void
}

/** Events after which the prompt may say something else. */
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
export class Terminal implements Presenter {
  readonly #options: TerminalOptions
  readonly #title = windowTitle(process.stdout)
  readonly #unread = unread()
  readonly #questions: YesNoQuestions
  readonly #interrupt: () => void
  readonly #suspend: () => void
  #prompt: string
  #editor: LineEditor
  #presenter: Presenter

  /** Takes the terminal over, until close(). */
  constructor(options: TerminalOptions) {
    const { preferences, context, others } = options
    const editor = () => this.#editor
    const say = (text: string) => this.note(text)
    this.#options = options
    this.#questions = yesNoQuestions({
      editor,
      say,
      // Plain lines stay: the question has been said.
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

  /** Whether the person has begun a line, which is meant for whom the prompt named then. */
  get typing(): boolean {
    return this.#editor.text !== ''
  }

  show(event: ChatEvent): Promise<void> {
    return this.#presenter.show(event)
  }

  note(text: string): void {
    this.#presenter.note(text)
  }

  verbatim(text: string): void {
    this.#presenter.verbatim(text)
  }

  picture(rows: readonly string[]): void {
    this.#presenter.picture(rows)
  }

  /** Takes note of an event that is shown. */
  follow(event: ChatEvent): void {
    const { preferences, context } = this.#options
    this.#unread.follow(event, context.selected)
    const calls = event.event === 'call' && event.direction === 'incoming'
    if (preferences.current.bell && (calls || (event.event === 'message' && event.direction === 'in'))) {
      process.stdout.write(BELL)
    }
    if (CHANGES_PROMPT.has(event.event)) this.showPrompt()
  }

  /** Redraws the prompt, and marks the conversation in it as read. */
  showPrompt(): void {
    const { name, selected, engine } = this.#options.context
    if (selected !== null) this.#unread.read(selected)
    // Ctrl-C hangs up on them: see hangUp().
    const peer = selected ?? engine.calling.at(-1) ?? null
    // Where a prompt is read aloud, the line of the text has said it already.
    const unread = isPlain() ? new Map<string, number>() : this.#unread.counts
    const words = promptFor({ name, peer, unread, ...this.#stateOf(peer) }, colourFor(process.stdout))
    this.#prompt = this.#questions.prompt ?? words
    this.#editor.setPrompt(this.#prompt)
    this.#showTitle()
  }

  /** Asks a question of yes or no, once those before have their answers. */
  confirm(question: string): Promise<boolean> {
    return this.#questions.ask(question)
  }

  /** Gives the terminal back. */
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

  #stateOf(peer: string | null): Pick<Present, 'learnt' | 'interrupted' | 'calling'> {
    if (peer === null) return { learnt: null, interrupted: false, calling: false }
    const { engine } = this.#options.context
    return {
      learnt: engine.learnt(peer),
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
