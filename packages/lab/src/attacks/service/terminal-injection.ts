import type { Socket } from 'node:net'
import { join } from 'node:path'
import { RECEIPT, TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { FILE_OFFER, FILE_RESULT } from '@p2p-secure-chat/basic-p2p/messages/files'
import { calculatorLimits, readEvaluate, RESULT, resultMessage } from '@p2p-secure-chat/calculator/messages'
import { ERROR } from '@p2p-secure-chat/core/wire/common-messages'
import { rethrowUnless } from '@p2p-secure-chat/core/errors'
import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { conclude } from '@p2p-secure-chat/core/net/conclude'
import { socketChannel } from '@p2p-secure-chat/core/net/socket-channel'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { exchangeHello } from '@p2p-secure-chat/core/wire/hello'
import { type Actor, startActor } from '@p2p-secure-chat/stage/actor'
import { CALCULATOR_PROGRAMS, CHATS } from '@p2p-secure-chat/stage/programs'
import { listenHere } from '@p2p-secure-chat/stage/own-network'
import type { FramedRung } from '../../rungs.ts'
import { broken, type Outcome, type Play, type Plays, resisted, type Scene } from '../attack.ts'
import { sceneTestbed } from '../both-online.ts'
import { hostilePeer } from './hostile-peer.ts'
import { commandsIn, marksOf, TRICKS } from './tricks.ts'

/** Clears the screen, as a name, a file, a result and a reason. Names have room for 32 bytes. */
const EVIL_NAME = 'm\x1b[2J\x9b31mevil-name'
const EVIL_FILE = 'evil-file\x1b]0;x\x07\u202egpj.exe'
const EVIL_WORDS = 'evil-words\x1b[2J\r\x9b31m\u202e'

/** Letters of the tricks that are shown, one of each kind; all are played. */
const EXAMPLES = ['clear-me', 'over-it', 'egap-gpj']

const SHOWN_TRICKS = TRICKS.filter(({ shown }) => EXAMPLES.includes(shown)).map(({ effect, text }) => ({
  label: `what ${effect}`,
  bytes: Buffer.from(text),
  marks: marksOf(text),
}))

export const terminalInjection: Plays = {
  calc: lieToCalculatorClient,
  basic: injectInto('basic'),
  dh: injectInto('dh'),
  aes: injectInto('aes'),
}

function injectInto(rung: FramedRung): Play {
  return async scene => {
    const testbed = await sceneTestbed(scene, rung)
    scene.tell(
      'Bob calls mallory. Her program is no client: it calls itself what it likes, and says what a client would not.',
      ...SHOWN_TRICKS,
    )
    const mallory = await hostilePeer(scene, testbed, rung, [EVIL_NAME, 'mallory'], playTricks)
    // As a person runs it whose output goes to a pipe, and no --json: what is printed is meant to be read.
    const bob = startActor(CHATS[rung].client, [
      '--name',
      'bob',
      '--directory',
      formatAddress(testbed.directory),
      '--home',
      join(scene.folder, 'bob'),
    ])
    scene.afterwards(() => bob.stop())
    bob.say('/chat mallory')
    bob.say('/chat mallory')
    await mallory.over
    await bob.finish()
    return judge(scene, [bob], 'texts, a name, a file and a reason', ['evil-name', 'evil-file', 'evil-words'])
  }
}

/** All that a peer can have printed: texts, the name of a file, and why she ends the conversation. */
async function playTricks(channel: Channel): Promise<void> {
  for (const [i, { text }] of TRICKS.entries()) await channel.send(TEXT.message({ id: BigInt(i + 1), text }))
  await channel.send(FILE_OFFER.message({ id: 1, name: EVIL_FILE, size: 1, sha256: '0'.repeat(64) }))
  let receipts = 0n
  let fileIsOver = false
  while (receipts < BigInt(TRICKS.length) || !fileIsOver) {
    const message = await channel.receive()
    if (message === null) return
    if (message.type === RECEIPT.type) receipts = Buffer.from(message.body).readBigUInt64BE()
    if (message.type === FILE_RESULT.type) fileIsOver = true
  }
  await channel.send(ERROR.message({ code: 'bad-message', message: EVIL_WORDS }))
  await conclude(channel, null)
}

/** The calculator's client is lied to twice: in the reasons why there is no result, and in a result that is no number. */
async function lieToCalculatorClient(scene: Scene): Promise<Outcome> {
  scene.tell(
    'Alice asks a calculator that mallory runs. Instead of results she gets reasons, and commands in them.',
    ...SHOWN_TRICKS,
  )
  const reasons = [...TRICKS.map(({ text }) => text), EVIL_WORDS]
  const explains = await askHostileCalculator(scene, reasons.length, async (channel, id) => {
    const last = id === reasons.length - 1
    if (last) await channel.send(ERROR.message({ code: 'bad-message', message: EVIL_WORDS }))
    else await channel.send(resultMessage(id, { error: { code: 'syntax', message: reasons[id] ?? '', column: 1 } }))
  })
  const counts = await askHostileCalculator(scene, 1, (channel, id) =>
    channel.send(RESULT.message({ id, result: '4\x1b[2J' })),
  )
  return judge(scene, [explains, counts], 'reasons and a result', ['evil-words', 'bad-message'])
}

/** A client that has asked the given number of times, and has ended. */
async function askHostileCalculator(
  { tap, afterwards }: Scene,
  questions: number,
  answer: (channel: Channel, id: number) => Promise<void>,
): Promise<Actor> {
  async function serve(socket: Socket): Promise<void> {
    const channel = socketChannel(socket, calculatorLimits, tap?.(socket, false))
    try {
      await exchangeHello(channel, { protocol: 'calc/1' })
      for (let i = 0; i < questions; i++) {
        const question = await channel.receive()
        if (question !== null) await answer(channel, readEvaluate(question).id)
      }
    } catch (error) {
      // The victim has had enough.
      rethrowUnless(error)
    }
    await conclude(channel, null)
  }

  const server = await listenHere({ host: '127.0.0.1', port: 0 }, socket => void serve(socket))
  afterwards(() => {
    server.stop()
    server.destroyAll()
  })
  const alice = startActor(CALCULATOR_PROGRAMS.client, ['--port', String(server.port)])
  afterwards(() => alice.stop())
  for (let i = 0; i < questions; i++) alice.say('2 + 2')
  await alice.finish()
  return alice
}

/**
 * Looks at every byte that was printed, on stdout and on stderr.
 *
 * @param where mallory put her tricks
 * @param expected words that must have been printed besides those of the tricks
 */
function judge({ tell }: Scene, victims: readonly Actor[], where: string, expected: readonly string[]): Outcome {
  const printed = Buffer.concat(victims.flatMap(victim => victim.printed))
  const lines = printed.toString().split('\n')
  const shown = EXAMPLES.flatMap(letters => lines.filter(line => line.includes(letters)).slice(0, 1))
  tell(
    `Mallory played ${TRICKS.length} such tricks, in ${where}. This is what the victim printed of the three:`,
    ...shown.map(line => ({ label: 'on the screen', bytes: Buffer.from(line), marks: marksOf(line) })),
  )
  const commands = commandsIn(printed)
  if (commands !== null) return broken(`the victim's program printed ${commands}`)
  const missing = [...TRICKS.map(({ shown }) => shown), ...expected].find(words => !printed.includes(words))
  if (missing !== undefined) throw new Error(`"${missing}" never came as far as the screen`)
  return resisted(
    `${TRICKS.length} tricks in ${where}: all of them came, and no control character is among the ${printed.length} printed bytes`,
  )
}
