import { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import { openLineEditor } from '@p2p-secure-chat/core/terminal/line-editor'
import type { CommandContext } from './chat-command.ts'
import { completions } from './interpret-line.ts'
import { type Presenter, screenPresenter } from './presenter.ts'

/** A person's terminal: lines in, events above the line being typed, a prompt that says to whom and how safely. */
export interface Terminal {
  readonly presenter: Presenter
  /** Shows the prompt of the present conversation. */
  showPrompt(): void
  /** Asks a question; only the answer `yes` is one. */
  confirm(question: string): Promise<boolean>
  close(): void
}

export interface TerminalOptions {
  /** Our own name, for the prompt. */
  readonly name: string
  /** What Tab and the prompt are computed from; null until the client is ready. */
  readonly context: () => CommandContext | null
  /** The names that Tab offers. */
  readonly names: () => readonly string[]
  /** Takes an entered line that is no answer to a question. */
  readonly onLine: (line: string) => void
  /** Told when the person leaves. */
  readonly onExit: () => void
}

/** Takes the terminal over, until close(). */
export function openTerminal({ name, context, names, onLine, onExit }: TerminalOptions): Terminal {
  const { green, yellow, red, bold } = colourFor(process.stdout)
  let answer: ((yes: boolean) => void) | null = null

  const editor = openLineEditor({
    input: process.stdin,
    output: process.stdout,
    prompt: `${name}> `,
    complete(before) {
      return completions(before, context()?.commands ?? [], names())
    },
    onLine(line) {
      if (answer === null) return onLine(line)
      answer(line.trim() === 'yes')
      answer = null
      showPrompt()
    },
    onExit,
  })

  /** Green: compared in person; yellow: a key, not compared; red: nothing proves anything, or it can be altered. */
  function showPrompt(): void {
    const present = context()
    const peer = present?.selected ?? null
    const learnt = peer === null ? null : (present?.engine.learnt(peer) ?? null)
    if (answer !== null) editor.setPrompt('yes or no? ')
    else if (peer === null || learnt === null) editor.setPrompt(`${name}> `)
    else if (present?.engine.isInterrupted(peer)) {
      editor.setPrompt(`${name} ${red(`to ${bold(peer)} (interrupted)`)}> `)
    } else {
      const safe = learnt.confidential && learnt.integrity
      const colour = !safe ? red : learnt.identity === 'verified' ? green : yellow
      editor.setPrompt(`${name} ${colour(`to ${bold(peer)} (${safe ? learnt.identity : 'not protected'})`)}> `)
    }
  }

  return {
    presenter: screenPresenter(editor),
    showPrompt,
    confirm(question) {
      editor.print(question)
      return new Promise(resolve => {
        answer = resolve
        showPrompt()
      })
    },
    close: () => editor.close(),
  }
}
