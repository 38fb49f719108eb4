import { withSecondChance } from '@p2p-secure-chat/stage/busy'
import { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import { reporter } from '@p2p-secure-chat/core/terminal/reporter'
import { typedCommand } from '@p2p-secure-chat/core/terminal/typed-command'
import type { Scene } from '../attacks/attack.ts'
import { inScene } from '../attacks/play-attack.ts'
import { eavesdrop, findings } from './eavesdropper.ts'
import { type TourPlay, playCalculator, playChat } from './play.ts'
import { sideBySide } from './side-by-side.ts'

/** Width of the tour in cells if the output is not a terminal, and its limits on one. */
const WIDTH = { unknown: 110, least: 72, most: 140 }

interface Rung {
  readonly title: string
  readonly play: (scene: Scene) => Promise<TourPlay>
  /** Whether an eavesdropper on the path must be able to read the texts, or must not. */
  readonly legible: boolean
  /** What this rung protects, and what it does not. */
  readonly lesson: string
}

const RUNGS: readonly Rung[] = [
  {
    title: 'calculator: request and response over TCP',
    play: playCalculator,
    legible: true,
    lesson: 'Protects nothing: questions and answers cross the network in the open.',
  },
  {
    title: 'basic-p2p: a directory introduces, peers talk directly',
    play: scene => playChat(scene, 'basic'),
    legible: true,
    lesson: 'Protects nothing: no server in the middle does not mean that nobody is in the middle.',
  },
  {
    title: 'dh-chat: an authenticated key exchange',
    play: scene => playChat(scene, 'dh'),
    legible: false,
    lesson:
      'Keeps what is said from eavesdroppers and proves who says it. Does not stop anyone from changing bytes on the way.',
  },
  {
    title: 'aes-chat: sealed records',
    play: scene => playChat(scene, 'aes'),
    legible: false,
    lesson:
      'Keeps what is said from being read, changed, repeated, reordered or cut. When and how much people talk still shows.',
  },
]

/**
 * The tour: plays every rung with real programs over real sockets and shows what alice, bob and an eavesdropper see.
 *
 * @returns the exit code: 0 only if every text arrived and the eavesdropper saw what that rung lets it see
 */
export async function runDemo(): Promise<number> {
  const { bold, dim, green, red } = colourFor(process.stdout)
  const columns = process.stdout.columns ?? WIDTH.unknown
  const width = Math.min(WIDTH.most, Math.max(WIDTH.least, columns))
  const { print, note } = reporter()
  const noteBusy = () => note('the machine is busy: a program was late; this rung is played again')
  let failed = false

  for (const [i, { title, play, legible, lesson }] of RUNGS.entries()) {
    print(bold(`${i + 1}. ${title}`))
    print('')
    const played = await withSecondChance(() => inScene(play), noteBusy)
    const seen = eavesdrop(played.passed).map(({ from, line }) => `${from === 'dialler' ? '→' : '←'} ${line}`)
    print(
      sideBySide(
        [
          ...played.screens.map(({ who, lines }) => ({ heading: `${who} sees`, lines, share: 3 })),
          { heading: 'the eavesdropper sees', lines: seen, share: 4 },
        ],
        width,
      ),
    )
    print('')
    print(lesson)
    const failures = findings(played, legible)
    for (const failure of failures) print(red(`FAILED: ${failure}`))
    if (failures.length > 0) failed = true
    else print(green(`checked: every text arrived; the eavesdropper read ${legible ? 'all of them' : 'none of them'}`))
    print('')
  }

  print(failed ? red('Something above did not hold.') : farewell(bold, dim))
  return failed ? 1 : 0
}

function farewell(bold: (text: string) => string, dim: (text: string) => string): string {
  const below = ['basic-chat-server', 'dh-chat-server', 'calc-server'].map(program => typedCommand(program))
  return [
    bold('Now chat for real, in two terminals, with the same command in each:'),
    '',
    `  ${typedCommand('chat-client')}`,
    '',
    dim(`The rungs below work the same way: ${below.join(', ')}.`),
  ].join('\n')
}
