import {
  enhancedPacket,
  interfaceDescription,
  LINK_RAW_IP,
  sectionHeader,
} from '@p2p-secure-chat/core/capture/pcapng-writer'
import { type Side, tcpConversation } from '@p2p-secure-chat/core/capture/tcp-conversation'
import type { Endpoint } from '@p2p-secure-chat/core/capture/tcp-segment'
import { conversationId } from '@p2p-secure-chat/basic-p2p/chat/conversation'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { ACCEPT, CALL } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { GOODBYE } from '@p2p-secure-chat/core/wire/common-messages'
import type { Variant } from '../variant.ts'

/** The machines of every exercise. */
export const MACHINES = {
  directory: '10.0.0.1',
  alice: '10.0.0.2',
  bob: '10.0.0.3',
  carol: '10.0.0.4',
} as const

/** Bytes that one side sends in one piece. */
export interface Said {
  readonly from: Side
  readonly bytes: Uint8Array
}

/** One connection from its beginning to its end. */
export interface Talk {
  readonly dialler: Endpoint
  readonly listener: Endpoint
  readonly said: readonly Said[]
}

export interface ConversationCapture {
  /** A pcapng file. */
  readonly file: Uint8Array
  /** For each talk, in which packet each text ends: counted from 1, as Wireshark does. */
  readonly packets: readonly (readonly number[])[]
}

/** 2026-02-02, ten o'clock (UTC), in nanoseconds since 1970. */
const START = 1_770_026_400_000_000_000n

/** Between two packets, in nanoseconds. */
const STEP = 1_300_000n

/** Between two sequence numbers to begin with, so that no two connections look like one. */
const FIRST_STEP = 100_000

const COMMENT =
  'Made for an exercise. The bytes are those that the programs of this project write; the packets around them, their times and addresses are made up.'

/** A capture of connections, one after the other. The same talks always give the same file. */
export function captureOf(talks: readonly Talk[]): ConversationCapture {
  const blocks = [
    sectionHeader({ application: 'chat-lab exercise', comment: COMMENT }),
    interfaceDescription({ linkType: LINK_RAW_IP, name: 'exercise', description: 'made-up packets' }),
  ]
  let count = 0
  const deliver = (bytes: Uint8Array) => {
    blocks.push(enhancedPacket({ time: START + BigInt(count) * STEP, bytes }))
    count += 1
  }

  const packets = talks.map(({ dialler, listener, said }, i) => {
    const first = { dialler: (2 * i + 1) * FIRST_STEP, listener: (2 * i + 2) * FIRST_STEP }
    const connection = tcpConversation({ ends: { dialler, listener }, first, deliver })
    const ends = said.map(({ from, bytes }) => {
      connection.say(from, bytes)
      // The other side has acknowledged it by now.
      return count - 1
    })
    connection.end('dialler')
    connection.end('listener')
    return ends
  })
  return { file: Buffer.concat(blocks), packets }
}

/** Ports: where people take calls, and from which they call. */
const LISTENING = 40_003
const DIALLING = 50_000

/** Who talks in an exercise. */
export type Person = 'alice' | 'bob' | 'carol'

/** The two ends of a call between people. @param nth of all calls in one capture: each needs a port of its own */
export function callBetween(dialler: Person, listener: Person, nth = 0): Pick<Talk, 'dialler' | 'listener'> {
  return {
    dialler: { host: MACHINES[dialler], port: DIALLING + nth },
    listener: { host: MACHINES[listener], port: LISTENING },
  }
}

/** CALL and ACCEPT, each with an id of its own. */
export function callWasAccepted(variant: Variant, label: string): { readonly call: Message; readonly accept: Message } {
  const id = (side: string) => conversationId(variant.random(`${label} ${side}`))
  return {
    call: CALL.message({ conversation: id('call') }),
    accept: ACCEPT.message({ conversation: id('accept') }),
  }
}

export const goodbye: Message = GOODBYE.message({})
