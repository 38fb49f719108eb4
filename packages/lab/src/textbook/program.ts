import { once } from 'node:events'
import type { Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { type Address, formatAddress, parseAddress, parsePort } from '@p2p-secure-chat/core/net/address'
import { readLines } from '@p2p-secure-chat/core/terminal/lines'
import { toyGroupNamed } from '../crack/toy-groups.ts'
import { beginChat, type TextbookChat } from './chat.ts'
import { registerAtTextbook } from './directory-client.ts'
import { PHRASES, startTextbookServer } from './directory-server.ts'
import { dialHere, listenHere } from '../stage/own-network.ts'
import { END_OF_CHAT } from '../stage/rungs.ts'
import { STEPS } from './protection.ts'
import { TEXTBOOK_GROUP, toyKeyPair } from './toy-exchange.ts'

/** What a line begins with that calls somebody. */
const CALL = 'chat '

/**
 * What happens, as one JSON object per line, in the words of the clients of the other rungs: this program has no other
 * reader than the lab's stage.
 */
function tell(event: string, fields: Readonly<Record<string, string | null>> = {}): void {
  process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`)
}

/**
 * The textbook as a process, to be recorded: `--listen HOST:PORT` alone is the directory; with `--directory HOST:PORT
 * --name NAME --step plain|aes [--group NAME] [--exponent X] [--advertise PORT] [--to NAME]` it is a peer, in the
 * textbook's group or in a toy group. Lines of its input: `Get Users`, `chat NAME`, `EOM`, `EXIT`, and texts. It keeps
 * one exponent for as long as it runs, as textbooks do.
 *
 * @throws {ChatError} `usage`, `bad-address`, `unknown-group`, and what ends the programs of the textbook
 */
export async function runTextbook(args: string[]): Promise<void> {
  const { values: flags } = parseArgs({
    args,
    options: {
      listen: { type: 'string', default: '127.0.0.1:0' },
      directory: { type: 'string' },
      name: { type: 'string', default: '' },
      step: { type: 'string', default: '' },
      exponent: { type: 'string' },
      group: { type: 'string' },
      advertise: { type: 'string' },
      to: { type: 'string' },
    },
  })
  const address = parseAddress(flags.listen)
  if (flags.directory === undefined) {
    const server = await startTextbookServer(address)
    tell('listening', { host: server.host, port: String(server.port) })
    await once(process, 'SIGTERM')
    server.stop()
    return
  }

  const step = STEPS.find(known => known === flags.step)
  if (step === undefined) throw new ChatError('usage', `--step is ${STEPS.join(' or ')}`)
  const group = flags.group === undefined ? TEXTBOOK_GROUP : toyGroupNamed(flags.group)
  const given = flags.exponent === undefined ? undefined : BigInt(flags.exponent)
  const options = { step, group, exponent: toyKeyPair(group, given).exponent }
  /** At most one; the others have ended. */
  const chats: TextbookChat[] = []

  async function converse(socket: Socket): Promise<void> {
    try {
      const chat = await beginChat(socket, options)
      chats.unshift(chat)
      tell('open')
      for (let text = await chat.hear(); text !== null; text = await chat.hear()) {
        tell('message', { direction: 'in', text })
      }
      chat.end()
      tell('closed', { reason: 'bye', code: null })
    } catch (error) {
      if (!(error instanceof ChatError)) throw error
      // It breaks off without a word, and that is a word: whoever is there learns that the padding was wrong.
      socket.destroy()
      tell('closed', { reason: 'error', code: error.code })
    }
  }

  async function find(peer: string): Promise<Address> {
    const found = (await registration.users()).get(peer)
    if (found === undefined) throw new ChatError('unknown-user', `nobody is called ${peer}`)
    return found
  }

  const call = async (peer: string) => converse(await dialHere(await find(peer)))

  const listener = await listenHere(address, socket => void converse(socket))
  const port = flags.advertise === undefined ? listener.port : parsePort(flags.advertise)
  const registration = await registerAtTextbook(parseAddress(flags.directory), flags.name, port)
  tell('ready', { listen: formatAddress(listener) })
  if (flags.to !== undefined) void call(flags.to)
  for await (const line of readLines(process.stdin)) {
    if ('error' in line) throw line.error
    const { text } = line
    if (text === PHRASES.exit) break
    if (text === PHRASES.users) tell('users', { names: [...(await registration.users()).keys()].join(' ') })
    else if (text.startsWith(CALL)) void call(text.slice(CALL.length))
    else if (text === END_OF_CHAT) chats[0]?.end()
    else chats[0]?.say(text)
  }
  registration.exit()
  listener.stop()
}
