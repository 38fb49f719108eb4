import { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import { suspend } from '@p2p-secure-chat/core/terminal/held-terminal'
import { interruptKey } from '@p2p-secure-chat/core/terminal/interrupt-key'
import { choosePlain, isPlain } from '@p2p-secure-chat/core/terminal/is-plain'
import { type LineEditor, type LineEditorOptions, openLineEditor } from '@p2p-secure-chat/core/terminal/line-editor'
import { openPlainEditor } from '@p2p-secure-chat/core/terminal/plain-editor'
import { windowTitle } from '@p2p-secure-chat/core/terminal/window-title'
import type { ChatEvent } from '../chat/chat-event.ts'
import type { CommandContext } from '../commands/chat-command.ts'
import { completions } from '../commands/completions.ts'
import { hangUp } from '../commands/talk-commands.ts'
import type { KeptHistory } from '../client/kept-history.ts'
import { plainPresenter } from './plain-presenter.ts'
import type { Presenter } from './presenter.ts'
import { type Present, promptFor } from './prompt.ts'
import { screenPresenter } from './screen-presenter.ts'
import type { Preferences } from '../client/preferences.ts'
import type { Settings } from '../client/settings.ts'
import { unread } from './unread.ts'
import { suspendKey } from './suspend-key.ts'
import { yesNoQuestions } from './yes-no-questions.ts'

/** A person's terminal: lines in, events above the line being typed, a prompt that says to whom and how safely. */
export interface Terminal {
  readonly presenter: Presenter
  /** Whether the person has begun a line, which is meant for whom the prompt named then. */
  readonly typing: boolean
  /** Takes note of an event that is shown. */
  follow(event: ChatEvent): void
  /** Shows the prompt of the present conversation, which is read thereby. */
  showPrompt(): void
  /** Asks a question of yes or no, once those before have their answers. */
  confirm(question: string): Promise<boolean>
  close(): void
}

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

/** Takes the terminal over, until close(). */
export function openTerminal(options: TerminalOptions): Terminal {
  const { preferences, history, context, names, others, onLine, onGone } = options
  const { name, engine } = context
  const title = windowTitle(process.stdout)
  const texts = unread()
  const questions = yesNoQuestions({
    editor: () => editor,
    say: text => presenter.note(text),
    // Plain lines stay: the question has been said.
    onRefused: question => presenter.note(isPlain() ? 'no' : `${question}\nyes or no? no`),
    onChange: showPrompt,
  })
  const stop = suspendKey({ others, say: text => presenter.note(text), suspend })
  const interrupt = interruptKey({
    editor: () => editor,
    stop: () => hangUp(context),
    say: text => presenter.note(text),
    leave: context.quit,
  })
  let settings = preferences.current
  let prompt = `${name}> `
  choosePlain(settings.plain)
  let [editor, presenter] = open()
  preferences.watch(apply)

  function open(): readonly [LineEditor, Presenter] {
    const editorOptions: LineEditorOptions = {
      input: process.stdin,
      output: process.stdout,
      prompt,
      history: history.lines,
      complete: before => completions(before, { ...context, names }),
      onLine: enter,
      onInterrupt: () => void (questions.refuse() || interrupt()),
      onEnd: () => void (questions.refuse() || context.quit()),
      onSuspend: stop,
      onGone,
    }
    const view = { times: () => settings.times, isSelected: (peer: string) => peer === context.selected }
    const columns = () => process.stdout.columns
    if (isPlain()) {
      const lines = openPlainEditor(editorOptions)
      return [lines, plainPresenter(lines, view, { columns })]
    }
    const drawn = openLineEditor(editorOptions)
    return [drawn, screenPresenter(drawn, view, { colours: colourFor(process.stdout), columns })]
  }

  function enter(line: string): void {
    if (questions.enter(line)) return
    history.add(line, context.commands)
    onLine(line)
  }

  function showPrompt(): void {
    const peer = context.selected
    if (peer !== null) texts.read(peer)
    // Where a prompt is read aloud, the line of the text has said it already.
    const unread = isPlain() ? new Map<string, number>() : texts.counts
    const words = promptFor({ name, peer, unread, ...stateOf(peer) }, colourFor(process.stdout))
    prompt = questions.prompt ?? words
    editor.setPrompt(prompt)
    showTitle()
  }

  function stateOf(peer: string | null): Pick<Present, 'learnt' | 'interrupted' | 'calling'> {
    if (peer === null) return { learnt: null, interrupted: false, calling: false }
    return {
      learnt: engine.learnt(peer),
      interrupted: engine.isInterrupted(peer),
      calling: engine.calling.includes(peer),
    }
  }

  function apply(changed: Settings): void {
    const before = isPlain()
    settings = changed
    choosePlain(settings.plain)
    if (isPlain() !== before) {
      editor.close()
      ;[editor, presenter] = open()
    }
    showPrompt()
  }

  function showTitle(): void {
    if (!settings.title || isPlain()) title.restore()
    else title.show(texts.total === 0 ? `${name} - chat` : `(${texts.total}) ${name} - chat`)
  }

  return {
    presenter: {
      show: event => presenter.show(event),
      note: text => presenter.note(text),
      verbatim: text => presenter.verbatim(text),
      picture: rows => presenter.picture(rows),
    },
    get typing() {
      return editor.text !== ''
    },
    follow(event) {
      texts.follow(event, context.selected)
      const calls = event.event === 'call' && event.direction === 'incoming'
      if (settings.bell && (calls || (event.event === 'message' && event.direction === 'in'))) {
        process.stdout.write(BELL)
      }
      if (CHANGES_PROMPT.has(event.event)) showPrompt()
    },
    showPrompt,
    confirm: question => questions.ask(question),
    close() {
      questions.close()
      editor.close()
      title.restore()
    },
  }
}
