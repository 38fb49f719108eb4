import type { Socket } from 'node:net'
import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { rethrowUnless } from '@p2p-secure-chat/core/errors'
import { parsePort } from '@p2p-secure-chat/core/net/address'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import { ignorable } from '@p2p-secure-chat/core/contain'
import { missedCue, stretched } from '@p2p-secure-chat/stage/busy'
import { dialHere, listenHere } from '@p2p-secure-chat/stage/own-network'
import type { Trial } from './exercise.ts'
import { beginChat, type TextbookChat } from '../textbook/chat.ts'
import { type ScriptRun, startScript } from './script-run.ts'

/** How long alice and bob wait for each thing that is passed on, in milliseconds on a quiet machine: a slow script takes a second for it. */
export const PATIENCE = 10_000

/** How long a script may take to print what it has read, or to end when it fails, in milliseconds: no more than a pipe needs. */
const PRINTING = 2_000

/** Alice says something, and bob answers. */
export interface Turn {
  readonly text: string
  readonly answer: string
}

/** The result of a conversation. */
export interface Heard {
  /** What stood on the screen of each, in order; null where the other one was gone. */
  readonly bob: readonly (string | null)[]
  readonly alice: readonly (string | null)[]
  /** Whether they came to different secrets: then somebody else has both. */
  readonly apart: boolean
  /** The lines of the script. */
  readonly printed: ReadonlySet<string>
  /** Why the script ended by itself, in one line; null where it did not. */
  readonly fault: string | null
}

/** Of real size: there is no way but the one in the middle. */
const options = () => ({ step: 'aes', group: namedGroup('ffdhe2048') }) as const

const soon = <T>(work: Promise<T>, patience = PATIENCE) =>
  withDeadline(work, stretched(patience), 'what should be passed on')

/**
 * Two peers of the textbook, with AES, who talk over a script between them: it gets the port of bob, and says
 * `listening PORT` for alice.
 */
export async function converseThrough(script: string, turns: readonly Turn[], trial: Trial): Promise<Heard> {
  const bob: (string | null)[] = []
  const alice: (string | null)[] = []
  let apart = false
  let begun = false
  let take: (socket: Socket) => void = () => undefined
  const called = ignorable(
    new Promise<TextbookChat>((resolve, reject) => {
      take = socket => void beginChat(socket, options()).then(resolve, reject)
    }),
  )

  async function converse(run: ScriptRun): Promise<void> {
    const [, port] = (await soon(run.line(/^listening (\d{1,5})$/))) ?? []
    if (port === undefined) return
    begun = true
    const socket = await dialHere({ host: '127.0.0.1', port: parsePort(port) })
    try {
      const [ours, theirs] = await soon(Promise.all([beginChat(socket, options()), called]))
      apart = ours.secret !== theirs.secret
      for (const { text, answer } of turns) {
        ours.say(text)
        bob.push(await soon(theirs.hear()))
        theirs.say(answer)
        alice.push(await soon(ours.hear()))
      }
      ours.end()
      // What the script prints may come later than what it passes on.
      for (let line = 0; line < turns.length; line += 1) await soon(run.line(/^alice: /), PRINTING)
    } finally {
      socket.destroy()
    }
  }

  const listener = await listenHere({ host: '127.0.0.1', port: 0 }, socket => take(socket))
  const run = startScript(script, [String(listener.port)], trial)
  try {
    await converse(run)
  } catch (error) {
    // A conversation that does not come about is a result. A script that is the reason for it may be about to end.
    rethrowUnless(error)
    if (missedCue(error)) trial.onLate()
    await soon(run.ended, PRINTING).catch(() => undefined)
  } finally {
    await run.stop()
    listener.stop()
    listener.destroyAll()
  }
  const printed = new Set(run.output.split('\n').map(line => line.trimEnd()))
  const silent = begun ? null : `it did not print "listening PORT" within ${PATIENCE / 1000} s`
  return { bob, alice, apart, printed, fault: run.fault ?? silent }
}
