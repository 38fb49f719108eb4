import { RECEIPT, TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { TERMINAL_COLUMNS } from '@p2p-secure-chat/stage/as-terminal'
import type { FramedRung } from '../../rungs.ts'
import { type Attack, broken, claim, notApplicable, type Play, resisted } from '../attack.ts'
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

const NO_SCREEN = 'its program prints JSON for the lab alone, and breaks no lines'

export const forgedRow: Attack = {
  name: 'forged-row',
  title: "A row in another speaker's name",
  position: 'peer',
  goal: "Put a row on bob's screen that begins with alice's name and a colon, and then with words of mallory's.",
  question:
    "Mallory fills a row of bob's screen with emoji up to the edge. Will her next words stand there as alice's?",
  lesson: `A chat shows who says what by what a row begins with, and anybody may talk to bob: so the beginning of a row \
is worth as much as a signature. A newline is the obvious way to a new row. The other is the edge of the screen, where the \
terminal begins one by itself, with whatever comes next. So a program has to break the rows first, and indent what goes on.

For that it has to know how wide each letter is, and there is no such number. A family of emoji is one picture of two \
cells for some terminals, and four pictures, of eight cells, for others (Unicode Standard Annex 11 leaves it to them). A \
program that counts two thinks there is room, and the terminal breaks the row where mallory wants it. So here rows are \
counted by the terminal that draws most, and end early on all others; beyond that the terminal is asked not to wrap \
(DECAWM), which is a second lock. Encryption is no help: mallory is a peer, and says what she likes.`,
  against: {
    calc: notApplicable('it shows numbers, and no texts of others'),
    basic: claim('resisted', forgeRows('basic')),
    'textbook-dh': notApplicable(NO_SCREEN),
    'textbook-aes': notApplicable(NO_SCREEN),
    dh: claim('resisted', forgeRows('dh')),
    aes: claim('resisted', forgeRows('aes')),
  },
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
