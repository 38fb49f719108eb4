import { once } from 'node:events'
import type { Socket } from 'node:net'
import { ChatError, rethrowUnless } from '@p2p-secure-chat/core/errors'
import { type Address, formatAddress, parseAddress, parsePort } from '@p2p-secure-chat/core/net/address'
import { eventLine } from '@p2p-secure-chat/core/terminal/json-line'
import { readLines } from '@p2p-secure-chat/core/input/lines'
import { TEXTBOOK_GROUP, toyGroupNamed, toyKeyPair } from './toy-exchange.ts'
import { beginChat, STEPS, type TextbookChat, type TextbookOptions } from './chat.ts'
import { registerAtTextbook } from './directory-client.ts'
import { PHRASES, startTextbookServer } from './directory-server.ts'
import { dialHere, listenHere } from '@p2p-secure-chat/stage/own-network'
import { END_OF_CHAT } from '../rungs.ts'

/** How a line that calls a peer begins. */
const CALL = 'chat '

/** What the command line says, unchecked. */
export interface TextbookFlags {
  readonly listen: string
  readonly directory?: string
  readonly name: string
  readonly step?: string
  readonly group?: string
  readonly exponent?: string
  readonly advertise?: string
  readonly to?: string
}

/** What happens, in the words of the clients of the other rungs: this program has no other reader than the lab's stage. */
function tell(event: string, fields: Readonly<Record<string, unknown>> = {}): void {
  process.stdout.write(eventLine({ event, ...fields }))
}

/**
 * The textbook as a process: a directory, or with `directory` a peer of it. Lines of a peer's input: `Get Users`, `chat
 * NAME`, `EOM`, `EXIT`, and texts. It keeps one exponent for as long as it runs, as textbooks do.
 *
 * @throws {ChatError} `usage`, `bad-address`, `unknown-group`, and what ends the programs of the textbook
 */
export async function runTextbook(flags: TextbookFlags): Promise<void> {
  const address = parseAddress(flags.listen)
  if (flags.directory === undefined) await serve(address)
  else await takePart(address, parseAddress(flags.directory), flags)
}

async function serve(address: Address): Promise<void> {
  const server = await startTextbookServer(address)
  tell('listening', { host: server.host, port: server.port })
  await once(process, 'SIGTERM')
  server.stop()
}

/** @throws {ChatError} `usage`, `unknown-group` */
function optionsOf({ step: named, group: groupName, exponent }: TextbookFlags): TextbookOptions {
  const step = STEPS.find(known => known === named)
  if (step === undefined) throw new ChatError('usage', `--step is ${STEPS.join(' or ')}`)
  if (exponent !== undefined && !/^\d+$/.test(exponent)) throw new ChatError('usage', '--exponent is a number')
  const group = groupName === undefined ? TEXTBOOK_GROUP : toyGroupNamed(groupName)
  const given = exponent === undefined ? undefined : BigInt(exponent)
  return { step, group, exponent: toyKeyPair(group, given).exponent }
}

async function takePart(address: Address, directory: Address, flags: TextbookFlags): Promise<void> {
  const options = optionsOf(flags)
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
      rethrowUnless(error)
      // It breaks off without a word, and that says it all: the other side learns that the padding was wrong.
      socket.destroy()
      tell('closed', { reason: 'error', code: error.code })
    }
  }

  const listener = await listenHere(address, socket => void converse(socket))
  try {
    const port = flags.advertise === undefined ? listener.port : parsePort(flags.advertise)
    const registration = await registerAtTextbook(directory, flags.name, port)

    async function call(peer: string): Promise<void> {
      const found = (await registration.users()).get(peer)
      if (found === undefined) throw new ChatError('unknown-user', `nobody is called ${peer}`)
      await converse(await dialHere(found))
    }

    tell('ready', { listen: formatAddress(listener) })
    if (flags.to !== undefined) void call(flags.to)
    for await (const line of readLines(process.stdin)) {
      if ('error' in line) throw line.error
      const { text } = line
      if (text === PHRASES.exit) break
      if (text === PHRASES.users) {
        const names = [...(await registration.users()).keys()]
        tell('users', { users: names.map(name => ({ name })), next: null })
      } else if (text.startsWith(CALL)) void call(text.slice(CALL.length))
      else if (text === END_OF_CHAT) chats[0]?.end()
      else chats[0]?.say(text)
    }
    registration.exit()
  } finally {
    listener.stop()
  }
}
