import { isLoopback, parseAddress } from '@p2p-secure-chat/core/net/address'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { rowsOf } from '@p2p-secure-chat/core/terminal/rows'
import type { ChatEvent } from '../chat/chat-event.ts'

type Ready = Extract<ChatEvent, { event: 'ready' }>

/** Styles of the banner; without colours each returns the text unchanged. */
interface Colours {
  bold(text: string): string
  dim(text: string): string
  red(text: string): string
}

const INDENT = '  '

/** Cells from the left edge to the second column. */
const LABEL_CELLS = 14

/** A narrower terminal has no room for a fingerprint beside its label, so everything goes into one column. */
const TWO_COLUMNS = LABEL_CELLS + 44

/** The narrowest terminal to lay out for: below this, rows would have no room for letters. */
const LEAST_CELLS = 20

/**
 * The banner of a client that is ready: the user's name, where calls arrive, what protects a conversation, and what to do
 * next. Everything in it is computed from the event.
 *
 * @param columns cells of the terminal
 * @returns lines that fit
 */
export function welcome(ready: Ready, columns: number, colours: Colours): string {
  const cells = Math.max(LEAST_CELLS, columns)
  const wide = cells >= TWO_COLUMNS
  const margin = wide ? LABEL_CELLS : 2 * INDENT.length
  const broken = (text: string, indent: number) => rowsOf(text, cells - indent - 1, 'prose')

  function row(label: string, value: string): string {
    const lines = broken(value, margin).map(line => ' '.repeat(margin) + line)
    const name = (INDENT + label).padEnd(margin)
    return wide ? colours.dim(name) + lines.join('\n').slice(margin) : [colours.dim(name), ...lines].join('\n')
  }

  const rows = [
    row('you are', colours.bold(ready.name)),
    ...(ready.fingerprint === null ? [] : [row('your key', ready.fingerprint)]),
    row('calls', callsAt(ready.listen)),
    row('directory', ready.directory),
    row(
      'protection',
      protectionOf(ready, text => colours.red(text)),
    ),
    ...ready.notices.map(notice => row('note', colours.red(printableLine(notice)))),
  ]
  const next = '/chat NAME calls somebody, /who lists who is online, /help lists all commands'
  const hint = broken(next, INDENT.length).map(line => INDENT + line)
  return ['', ...rows, '', ...hint, ''].join('\n')
}

function callsAt(listen: string | null): string {
  if (listen === null) return 'none accepted'
  return isLoopback(parseAddress(listen).host) ? `at ${listen}, from this machine only` : `at ${listen}`
}

function protectionOf({ confidential, integrity, fingerprint }: Ready, alarm: (text: string) => string): string {
  return [
    confidential
      ? 'nobody on the path can read what is said'
      : alarm('NOT PRIVATE: everyone on the path can read what is said'),
    integrity
      ? 'nobody there can change, repeat, remove or cut it unnoticed'
      : alarm('NOT AUTHENTIC: anyone there can change, repeat or remove it'),
    ...(fingerprint === null ? [alarm('NOT PROVED: anyone can call themselves anything')] : []),
  ].join('\n')
}
