import { randomInt } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { enhancedPacket, interfaceDescription, LINK_RAW_IP, sectionHeader } from '../capture/pcapng-writer.ts'
import { type Side, type TcpConversationOptions, tcpConversation } from '../capture/tcp-conversation.ts'
import { ChatError } from '../errors.ts'
import { backgroundWriter } from '../files/background-writer.ts'
import type { Disclosure } from '../files/disclosure.ts'
import { fileError } from '../files/file-error.ts'
import { openNewFile } from '../files/new-file.ts'
import { plainHost } from './address.ts'
import type { SocketTap, TapSocket } from './socket-channel.ts'

/** A capture of the connections of this program, by its own sockets. */
export interface Recording extends Disclosure {
  readonly tap: TapSocket
}

/** What reset a connection, or kept us from telling the other side more: it did not want to hear it. */
const RESETS: ReadonlySet<string | undefined> = new Set(['ECONNRESET', 'EPIPE'])

/** The blocks of the file before its first packet. */
function headOf(application: string): Uint8Array {
  const comment = [
    `Recorded by ${application} itself, not on a network. The bytes are those that its sockets took and gave, in that`,
    'order, and the addresses and ports are theirs. All else is synthesised: the IP and TCP headers, the division into',
    'segments, the acknowledgments. What was sent stands where it was handed to the operating system; who closes first does',
    'not see the end of the other side. No keys are in here.',
  ].join(' ')
  const description = `sockets of ${application}: headers are synthesised, bytes are their own`
  return Buffer.concat([
    sectionHeader({ application, comment }),
    interfaceDescription({ linkType: LINK_RAW_IP, name: 'sockets', description }),
  ])
}

/**
 * Begins a recording in a new pcapng file of mode 0600. Blocks are written turn by turn: if the program is killed, what
 * is in the file can be read, at worst but for its last block. Nobody waits for the disk: when it fails, or is too slow, the recording ends
 * and the connections go on.
 *
 * @param application what is recorded, for the file
 * @throws {ChatError} `unwritable`, also for a file that exists already
 */
export async function openRecording(path: string, application: string): Promise<Recording> {
  const head = headOf(application)
  const file = await openNewFile(path, head)
  try {
    appendFileSync(file.fd, head)
  } catch (cause) {
    await file.discard().catch(() => undefined)
    throw fileError('unwritable', path, cause)
  }
  /** A clock that never steps back, set once by the one that may. */
  const start = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint()
  const unfinished = new Set<() => void>()
  let empty = true
  let closed = false
  let failure: ChatError | null = null
  let report: (error: ChatError) => void = () => undefined
  const writer = backgroundWriter(file.fd, path, head.length, giveUp)

  function giveUp(error: ChatError): void {
    const message = `the recording ends here, and all else goes on: ${error.message}`
    failure = new ChatError(error.code, message, { cause: error, hint: error.hint })
    report(failure)
  }

  function deliver(packet: Uint8Array): void {
    if (closed || failure !== null) return
    empty = false
    writer.write(enhancedPacket({ time: start + process.hrtime.bigint(), bytes: packet }))
  }

  function tap(socket: Socket, dialled: boolean): SocketTap {
    const [we, they]: [Side, Side] = dialled ? ['dialler', 'listener'] : ['listener', 'dialler']
    const ends = endsOf(socket, we)
    // It is closed already, and nobody knows any more between whom it was.
    if (ends === null) return { sent: () => undefined, received: () => undefined }
    const conversation = tcpConversation({
      ends,
      first: { dialler: randomInt(2 ** 32), listener: randomInt(2 ** 32) },
      deliver,
    })
    const finish = () => conversation.end(we)
    socket.on('end', () => conversation.end(they))
    socket.on('finish', finish)
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (RESETS.has(code)) conversation.reset(they)
    })
    socket.on('close', () => {
      finish()
      unfinished.delete(finish)
    })
    unfinished.add(finish)
    return {
      sent: bytes => conversation.say(we, bytes),
      received: bytes => conversation.say(they, bytes),
    }
  }

  return {
    tap,
    get notice() {
      if (failure !== null) return null
      return `all that is sent and received goes into ${path} as it crosses the wire${file.remark}`
    },
    onFailure(tell) {
      report = tell
      if (failure !== null) tell(failure)
    },
    async close() {
      if (closed) return
      // The system ends what the program leaves open.
      for (const finish of unfinished) finish()
      closed = true
      await writer.settled()
      try {
        await (empty ? file.discard() : file.close())
      } catch (cause) {
        giveUp(fileError('unwritable', path, cause))
      }
    },
  }
}

/** Null once the socket is destroyed. */
function endsOf(socket: Socket, we: Side): TcpConversationOptions['ends'] | null {
  const { localAddress, localPort, remoteAddress, remotePort } = socket
  if (localAddress === undefined || localPort === undefined) return null
  if (remoteAddress === undefined || remotePort === undefined) return null
  const here = { host: plainHost(localAddress), port: localPort }
  const there = { host: plainHost(remoteAddress), port: remotePort }
  return we === 'dialler' ? { dialler: here, listener: there } : { dialler: there, listener: here }
}
