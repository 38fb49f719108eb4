import type { ChatEvent } from '@p2p-secure-chat/basic-p2p/chat/chat-event'
import { describeEvent } from '@p2p-secure-chat/basic-p2p/screen/describe-event'
import { plainPresenter } from '@p2p-secure-chat/basic-p2p/screen/plain-presenter'
import { screenPresenter } from '@p2p-secure-chat/basic-p2p/screen/screen-presenter'
import { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import { jsonLine } from '@p2p-secure-chat/core/terminal/json-line'
import type { LineEditor } from '@p2p-secure-chat/core/input/line-editor'
import { EXPENSIVE_TEXTS } from '../packages/core/test/support/screen/expensive-texts.ts'

const ROUNDS = 5

/**
 * What a text of 16 KiB that a peer has chosen costs the client that shows it; a row for each class of characters: the
 * class, and the processor time on a screen of 80 columns, of 20 columns, with --plain, in a pipe and with --json.
 */
export function renderingCosts(): string[][] {
  const ways = [screen(80), screen(20), plainPresenter(editor, view, { columns: () => 80 }).show, pipe, jsonLine]
  return EXPENSIVE_TEXTS.map(([characters, text]) => {
    const event: ChatEvent = { event: 'message', peer: 'mallory', direction: 'in', id: '1', text }
    return [characters, ...ways.map(show => `${medianCost(() => void show(event)).toFixed(1)} ms`)]
  })
}

/** @returns milliseconds of processor time */
function medianCost(act: () => void): number {
  const costs = Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage()
    act()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1_000
  })
  return costs.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN
}

const view = { times: () => true, isSelected: () => true }

/** Takes what would be written. */
const editor: LineEditor = {
  print: () => undefined,
  setPrompt: () => undefined,
  setStatus: () => undefined,
  text: '',
  replace: () => undefined,
  close: () => undefined,
}

function screen(columns: number): (event: ChatEvent) => unknown {
  const colours = colourFor({ isTTY: true }, { TERM: 'xterm-256color' }, [])
  return screenPresenter(editor, view, { colours, columns: () => columns }).show
}

function pipe(event: ChatEvent): unknown {
  return describeEvent(event, Infinity)
}
