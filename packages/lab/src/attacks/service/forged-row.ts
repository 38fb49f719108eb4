import { RECEIPT, TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { TERMINAL_COLUMNS } from '@p2p-secure-chat/stage/actor'
import type { FramedRung } from '../../rungs.ts'
import { broken, type Play, type Plays, resisted } from '../attack.ts'
import { sceneTestbed } from '../both-online.ts'
import { hostilePeer } from './hostile-peer.ts'
import { bobAtTerminal } from './victims.ts'

/** The row that mallory wants on bob's screen. */
const FORGED = 'alice: I agree, send mallory the money.'

/** The row before a text of hers, and the cells of the row that are left. */
const PREFIX = 'mallory: '
const ROOM = TERMINAL_COLUMNS - PREFIX.length

/** What a row can be filled with, and the cells it takes where nothing is joined. */
interface Filling {
  readonly name: string
  readonly unit: string
  readonly cells: number
}

const FILLINGS: readonly Filling[] = [
  { name: 'families of emoji', unit: '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\u200d\u{1f466}', cells: 8 },
  { name: 'flags', unit: '\u{1f1eb}\u{1f1f7}', cells: 4 },
  { name: 'Devanagari syllables', unit: '\u0915\u094d\u0937\u093f', cells: 3 },
  { name: 'blanks', unit: ' ', cells: 1 },
  { name: 'letters', unit: 'x', cells: 1 },
]

/** A text of which the forged row begins exactly where the row before is full. */
function textOf({ unit, cells }: Filling): string {
  return '.'.repeat(ROOM % cells) + unit.repeat(Math.floor(ROOM / cells)) + FORGED
}

export const forgedRow: Plays = {
  basic: forgeRows('basic'),
  dh: forgeRows('dh'),
  aes: forgeRows('aes'),
}

function forgeRows(rung: FramedRung): Play {
  return async scene => {
    const testbed = await sceneTestbed(scene, rung)
    const mallory = await hostilePeer(scene, testbed, rung, ['mallory'], sayEach)
    const bob = await bobAtTerminal(scene, testbed)
    bob.say('/chat mallory')
    await mallory.over
    // Then all that it printed has been read: a receipt may be here sooner than what is on the screen.
    await bob.stop()

    const rows = drawnRows(Buffer.concat(bob.printed).toString(), TERMINAL_COLUMNS)
    const first = rows.findIndex(row => row.startsWith(PREFIX))
    if (first < 0 || !rows.some(row => row.includes('mallory the money'))) throw new Error('no text of hers is shown')
    scene.tell(
      `Mallory fills a row with ${FILLINGS.map(({ name }) => name).join(', ')}. What bob sees of the first text, where nothing is joined:`,
      ...rows.slice(first, first + 2).map(row => ({ label: 'a row', bytes: Buffer.from(row) })),
    )
    const forged = rows.find(row => row.startsWith('alice: '))
    if (forged !== undefined)
      return broken(`a row of bob's screen begins with "${forged.trim()}", and alice said nothing`)
    return resisted(
      `${FILLINGS.length} texts fill a row with ${FILLINGS[0]?.name} and others; no row begins with alice's name, not even where nothing is joined`,
    )
  }
}

/** A receipt says that a text is on the screen. */
async function sayEach(channel: Channel): Promise<void> {
  for (const [i, filling] of FILLINGS.entries())
    await channel.send(TEXT.message({ id: BigInt(i + 1), text: textOf(filling) }))
  for (let shown = 0n; shown < BigInt(FILLINGS.length); ) {
    const message = await channel.receive()
    if (message === null) throw new Error('bob hangs up on mallory')
    if (message.type === RECEIPT.type) shown = RECEIPT.read(message.body).id
  }
}

// oxlint-disable no-control-regex -- what a terminal obeys are control sequences
/** A control sequence (ECMA-48, section 5.4), a control character, or one code point. */
const PIECE = /\u001b\[(?<order>[\x20-\x3f]*[\x40-\x7e])|[^]/gu

const NO_CELL = /^[\p{Mn}\p{Me}\p{Cf}]/u
const TWO_CELLS = /^\p{EPres}/u

/** What switches the wrapping at the edge off and on (DECAWM), and what begins the row again. */
const WRAP_OFF = '?7l'
const WRAP_ON = '?7h'
const TO_START = '1G'

/**
 * The rows that a terminal shows of what a program printed, if it draws each code point by itself, as many do. A person who
 * counts a family of emoji as one picture counts less.
 *
 * @param printed lines; of what moves the cursor, only what moves it to the beginning of the row is heeded
 * @param columns cells of a row
 */
export function drawnRows(printed: string, columns: number): string[] {
  const rows: string[] = []
  let row = ''
  let used = 0
  let wraps = true

  function begin(): void {
    row = ''
    used = 0
  }

  function end(): void {
    rows.push(row)
    begin()
  }

  for (const { 0: piece, groups } of printed.matchAll(PIECE)) {
    const order = groups?.['order']
    if (order === WRAP_OFF) wraps = false
    else if (order === WRAP_ON) wraps = true
    else if (order === TO_START || piece === '\r') begin()
    else if (piece === '\n') end()
    else if (order === undefined) {
      const cells = NO_CELL.test(piece) ? 0 : TWO_CELLS.test(piece) ? 2 : 1
      if (used + cells > columns && wraps) end()
      // Without wrapping, what does not fit is not shown.
      if (used + cells <= columns) row += piece
      used += cells
    }
  }
  return [...rows, row]
}
