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
import { promptFor } from './prompt.ts'
import { screenPresenter } from './screen-presenter.ts'
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
  /** Lets new settings count. */
  apply(settings: Settings): void
  /** Asks a question of yes or no, once those before have their answers. */
  confirm(question: string): Promise<boolean>
  close(): void
}

export interface TerminalOptions {
  /** Our own name, for the prompt. */
  readonly name: string
  readonly settings: Settings
  readonly history: KeptHistory
  /** What Tab and the prompt are computed from; null until the client is ready. */
  readonly context: () => CommandContext | null
  /** Names that were heard of, for Tab. */
  readonly names: () => Iterable<string>
  /** Takes an entered line that is no answer to a question. */
  readonly onLine: (line: string) => void
  /** How many others use the directory that runs inside this client. */
  readonly others: () => number
  /** Told when the person wants to leave. */
  readonly onLeave: () => void
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
  const { name, history, context, names, others, onLeave, onGone } = options
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
    stop() {
      const present = context()
      return present !== null && hangUp(present)
    },
    say: text => presenter.note(text),
    leave: onLeave,
  })
  let { settings } = options
  let prompt = `${name}> `
  choosePlain(settings.plain)
  let [editor, presenter] = open()

  function open(): readonly [LineEditor, Presenter] {
    const editorOptions: LineEditorOptions = {
      input: process.stdin,
      output: process.stdout,
      prompt,
      history: history.lines,
      async complete(before) {
        const present = context()
        return completions(before, {
          self: name,
          commands: present?.commands ?? [],
          directory: present?.directory ?? null,
          names,
        })
      },
      onLine: enter,
      onInterrupt: () => void (questions.refuse() || interrupt()),
      onEnd: () => void (questions.refuse() || onLeave()),
      onSuspend: stop,
      onGone,
    }
    const view = { times: () => settings.times, isSelected: (peer: string) => peer === context()?.selected }
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
    history.add(line, context()?.commands ?? [])
    options.onLine(line)
  }

  function showPrompt(): void {
    const present = context()
    const peer = present?.selected ?? null
    if (peer !== null) texts.read(peer)
    const words = promptFor(
      {
        name,
        peer,
        learnt: peer === null ? null : (present?.engine.learnt(peer) ?? null),
        interrupted: peer !== null && present?.engine.isInterrupted(peer) === true,
        calling: peer !== null && present?.engine.calling.includes(peer) === true,
        // Where a prompt is read aloud, the line of the text has said it already.
        unread: isPlain() ? new Map() : texts.counts,
      },
      colourFor(process.stdout),
    )
    prompt = questions.prompt ?? words
    editor.setPrompt(prompt)
    showTitle()
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
      texts.follow(event, context()?.selected ?? null)
      const calls = event.event === 'call' && event.direction === 'incoming'
      if (settings.bell && (calls || (event.event === 'message' && event.direction === 'in'))) {
        process.stdout.write(BELL)
      }
      if (CHANGES_PROMPT.has(event.event)) showPrompt()
    },
    showPrompt,
    apply(changed) {
      const before = isPlain()
      settings = changed
      choosePlain(settings.plain)
      if (isPlain() !== before) {
        editor.close()
        ;[editor, presenter] = open()
      }
      showPrompt()
    },
    confirm: question => questions.ask(question),
    close() {
      questions.close()
      editor.close()
      title.restore()
    },
  }
}
