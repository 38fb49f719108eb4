import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Address } from '@p2p-secure-chat/core/net/address'
import { PHRASES } from './directory-server.ts'
import { dialHere } from '@p2p-secure-chat/stage/own-network'
import { nextSegment, sendSegment } from './segments.ts'

/** The longest list that is read, in characters. */
const LIST_LIMIT = 4_096

/** A registration at the textbook's directory. */
export interface TextbookRegistration {
  /** Who is online, and where they take calls. @throws {ChatError} `cut`, `too-large`, `timeout` */
  users(): Promise<ReadonlyMap<string, Address>>
  exit(): void
}

/**
 * Registers under a name.
 *
 * @param port where we take calls
 * @throws {ChatError} `wrong-protocol`, `cut`, `bad-address`, `unreachable`, `timeout`
 */
export async function registerAtTextbook(
  directory: Address,
  name: string,
  port: number,
): Promise<TextbookRegistration> {
  const socket = await dialHere(directory)

  async function next(): Promise<string> {
    const bytes = await nextSegment(socket)
    if (bytes === null) throw new ChatError('cut', 'the directory is gone')
    return Buffer.from(bytes).toString()
  }

  for (const [phrase, answer] of [
    [PHRASES.askName, name],
    [PHRASES.askPort, `LISTEN_PORT:${port}`],
    [PHRASES.registered, null],
  ]) {
    const said = await next()
    if (said !== phrase) {
      socket.destroy()
      throw new ChatError('wrong-protocol', 'this is not the directory of the textbook')
    }
    if (answer !== null && answer !== undefined) sendSegment(socket, answer)
  }

  return {
    async users() {
      sendSegment(socket, PHRASES.users)
      let list = ''
      // It comes twice, in one piece or in several.
      while (list === '' || list.slice(0, list.length / 2) !== list.slice(list.length / 2)) {
        list += await next()
        if (list.length > LIST_LIMIT) throw new ChatError('too-large', 'the list of users is too long')
      }
      const lines = list
        .slice(0, list.length / 2)
        .split('\n')
        .slice(0, -1)
      return new Map(
        lines.map(line => {
          const [name = '', host = '', port = ''] = line.split(' ')
          return [name, { host, port: Number(port) }]
        }),
      )
    },
    exit() {
      sendSegment(socket, PHRASES.exit)
      socket.end()
    },
  }
}
