import { randomBytes } from '@p2p-secure-chat/core/cipher/random-pool'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { checkFileName } from '@p2p-secure-chat/core/files/new-file'
import type { KeyLog } from '@p2p-secure-chat/core/files/disclosure'
import { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import { eventLine } from '@p2p-secure-chat/core/terminal/json-line'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { progressLine } from '@p2p-secure-chat/core/terminal/progress-line'
import { quietPipe } from '@p2p-secure-chat/core/terminal/quiet-pipe'
import { openKeyLog } from '@p2p-secure-chat/dh-chat/key-log'
import { type CapturePass, capturePasses } from '@p2p-secure-chat/dissector/reader/input'
import type { OpenedHandshake } from '@p2p-secure-chat/dissector/exchange/opened-handshake'
import { narrowed, textWidth } from '@p2p-secure-chat/dissector/reader/text-layout'
import { crack } from './crack.ts'
import { type CrackEvent, crackJson } from './crack-event.ts'
import { crackDescription, describeProgress } from './describe-crack.ts'
import { searchTime } from './search.ts'

/** What the command line says, unchecked. */
export interface CrackFlags {
  readonly seconds: string
  readonly keylog?: string
  readonly json?: boolean
}

/** A day. */
const MOST_SECONDS = 86_400

/** How often the progress is redrawn, in milliseconds. */
const REDRAW_INTERVAL = 100

/**
 * Attacks the conversations of a capture, and prints how, and the results. Ctrl-C ends a search, and what was found by
 * then is shown; while the file is read it ends the program.
 *
 * @returns the exit code: 0 when a message was recovered, else 1, however it ended
 * @throws {ChatError} `usage`, `unreadable`, `bad-capture`; `unwritable`, `disk-full` for the key log
 */
export async function runCrack(file: string, { seconds, keylog, json = false }: CrackFlags): Promise<number> {
  const limit = checkedSeconds(seconds)
  if (file === '-') throw new ChatError('usage', 'crack reads a capture twice, so it takes a file and not stdin')
  checkFileName('--keylog', keylog)
  quietPipe()
  // Before the search: an unwritable key log must not waste it.
  const keys = keylog === undefined ? null : keysFound(await openKeyLog(keylog))
  const stop = new AbortController()
  const time = searchTime(1000 * limit)
  let reading = false
  let recovered = 0
  const exitCode = () => (recovered > 0 ? 0 : 1)
  process.on('SIGINT', () => {
    if (!reading) return stop.abort()
    void keys?.close().catch(() => undefined)
    process.exit(exitCode())
  })

  const read = capturePasses(file)
  const pass: CapturePass = async (keyLogLines, deliver) => {
    reading = true
    await read(keyLogLines, deliver)
    reading = false
  }
  const show = json ? tellJson : tellPerson()
  function tell(event: CrackEvent): void {
    if (event.event === 'search') time.begin()
    if (event.event === 'message' && event.text !== null) recovered += 1
    show(event)
  }
  try {
    const signal = AbortSignal.any([stop.signal, time.signal])
    const tools = { random: randomBytes, signal, now: () => performance.now(), tell }
    await crack(pass, tools, opened => keys?.save(opened))
    if (keys?.empty === true) {
      const reason = recovered > 0 ? "the textbook's format has no key log" : 'no key was found'
      process.stderr.write(`note: no key log was written: ${reason}\n`)
    }
    return exitCode()
  } finally {
    time.end()
    await keys?.close()
  }
}

function checkedSeconds(text: string): number {
  const seconds = /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (seconds >= 1 && seconds <= MOST_SECONDS) return seconds
  throw new ChatError('usage', `--seconds is a whole number from 1 to ${MOST_SECONDS}, not ${text}`)
}

function tellJson(event: CrackEvent): void {
  const told = crackJson(event)
  if (told !== null) process.stdout.write(eventLine({ ...told }))
}

/** Lines on stdout, and on a terminal one line of progress that is gone when the next of them comes. */
function tellPerson(): (event: CrackEvent) => void {
  const { bold, cyan, dim, green, red, yellow } = colourFor(process.stdout)
  const columns = textWidth(process.stdout.columns)
  const describe = crackDescription({ bold, cyan, dim, green, red, yellow, columns })
  let expected: number | null = null
  const progress = progressLine(process.stderr)
  let next = -Infinity

  return event => {
    if (event.event === 'progress') {
      if (performance.now() < next) return
      next = performance.now() + REDRAW_INTERVAL
      return progress.show(describeProgress(event, expected))
    }
    if (event.event === 'search') ({ expected } = event)
    progress.clear()
    for (const line of describe(event)) process.stdout.write(`${narrowed(line, columns, process.stdout.columns)}\n`)
  }
}

/** The key log of what was cracked. A notice with the first keys says what it is for. */
function keysFound(keyLog: KeyLog) {
  let failure: ChatError | null = null
  let empty = true
  keyLog.onFailure(error => {
    failure = error
  })
  return {
    /** @throws {ChatError} `unwritable`, `disk-full` */
    save({ handshake, session }: OpenedHandshake): void {
      keyLog.onSecret('handshake', handshake.transcriptHash, handshake.secret)
      if (session !== null) keyLog.onSecret('session', session.transcriptHash, session.secret)
      if (failure !== null) throw failure
      if (empty) process.stderr.write(`${printableLine(keyLog.notice ?? '')}\n`)
      empty = false
    },
    get empty() {
      return empty
    },
    /** @throws {ChatError} `unwritable`, `disk-full` */
    async close(): Promise<void> {
      await keyLog.close()
      if (failure !== null) throw failure
    },
  }
}
