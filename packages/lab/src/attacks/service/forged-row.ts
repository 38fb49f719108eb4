import { RECEIPT, TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { TERMINAL_COLUMNS } from '@p2p-secure-chat/stage/as-terminal'
import type { FramedRung } from '../../rungs.ts'
import { broken, type Play, type Plays, resisted } from '../attack.ts'
import { sceneTown } from '../meeting.ts'
import { bobAtTerminal } from './bob-at-terminal.ts'
import { drawnRows } from './drawn-rows.ts'
import { hostilePeer } from './hostile-peer.ts'

/** The row that mallory wants on bob's screen. */
const FORGED = 'alice: I agree, send mallory the money.'

/** What stands before a text of hers, and leaves so many cells of the row. */
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
    const town = await sceneTown(scene, rung)
    const mallory = await hostilePeer(scene, town, rung, ['mallory'], sayEach)
    const bob = await bobAtTerminal(scene, town)
    bob.say('/chat mallory')
    await mallory.over

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
