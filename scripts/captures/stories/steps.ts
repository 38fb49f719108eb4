import { type HostName, HOSTS } from '@p2p-secure-chat/stage/own-network'
import type { Cue, Cues, Step } from '../story.ts'

/** Where alice and bob take calls: ports that say at a glance whose they are. */
const PORTS = { alice: 40_002, bob: 40_003 }

/** A package of the ladder with a chat. */
export type ChatRung = 'basic-p2p' | 'dh-chat' | 'aes-chat'

/** How the programs of a rung begin. */
const PREFIX = { 'basic-p2p': 'basic-chat', 'dh-chat': 'dh-chat', 'aes-chat': 'aes-chat' } as const

/** A server on its machine, at its default port. */
export function startServer(rung: ChatRung | 'calculator'): Step {
  return {
    does: 'start',
    who: 'server',
    on: 'server',
    program: rung === 'calculator' ? 'calc-server' : `${PREFIX[rung]}-server`,
    flags: ['--host', HOSTS.server.address, '--json'],
    until: { server: [{ event: 'listening' }] },
  }
}

/** The chat client of alice or bob on her or his machine; it takes every call and every file. */
export function startClient(
  rung: ChatRung,
  who: 'alice' | 'bob',
  { flags = [], until = { [who]: [{ event: 'ready' }] } }: { flags?: readonly string[]; until?: Cues } = {},
): Step {
  return {
    does: 'start',
    who,
    on: who,
    program: `${PREFIX[rung]}-client`,
    flags: [...identify(who), '--listen', String(PORTS[who]), '--accept', 'all', '--accept-files', '{home}', ...flags],
    until,
  }
}

/** Flags that tell the directory who this is. */
function identify(name: string): readonly string[] {
  return ['--name', name, '--directory', HOSTS.server.address, '--home', '{home}', '--json']
}

/** Mallory, at someone else's machine, tries to register as alice. */
export function startImpostor(rung: ChatRung, on: HostName): readonly Step[] {
  return [
    {
      does: 'start',
      who: 'mallory',
      on,
      program: `${PREFIX[rung]}-client`,
      flags: [...identify('alice'), '--accept', 'none'],
      until: { mallory: [{ event: 'error', code: 'name-taken' }] },
    },
    { does: 'leave', who: 'mallory', exitCode: 1, until: {} },
  ]
}

export function enter(who: string, line: string, until: Cues): Step {
  return { does: 'enter', who, lines: [line], until }
}

/** One says a text, the other one hears it, and it is acknowledged. */
export function say(who: 'alice' | 'bob', text: string): Step {
  return enter(who, text, {
    [otherThan(who)]: [{ event: 'message', direction: 'in', text }],
    [who]: [{ event: 'delivered' }],
  })
}

/** One calls the other. */
export function call(who: 'alice' | 'bob'): Step {
  return enter(who, `/chat ${otherThan(who)}`, onBoth({ event: 'open' }))
}

/** One says goodbye to the other. */
export function hangUp(who: 'alice' | 'bob'): Step {
  return enter(who, '/leave', onBoth({ event: 'closed', reason: 'bye' }))
}

/** One sends a file of the story to the other. */
export function send(who: 'alice' | 'bob', file: string): Step {
  return enter(who, `/send ${file}`, onBoth({ event: 'file', state: 'done' }))
}

/** The program ends, after a goodbye to the directory. */
export function leave(who: string, until: Cues = {}): Step {
  return { does: 'leave', who, exitCode: 0, until }
}

export function onBoth(cue: Cue): Cues {
  return { alice: [cue], bob: [cue] }
}

function otherThan(who: 'alice' | 'bob'): 'alice' | 'bob' {
  return who === 'alice' ? 'bob' : 'alice'
}
