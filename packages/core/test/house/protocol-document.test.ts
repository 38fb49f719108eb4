import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { sealedRecords } from '../../../aes-chat/src/sealed-records.ts'
import { plainUpgrade } from '../../../basic-p2p/src/plain-upgrade.ts'
import { CONVERSATIONS } from '../../../basic-p2p/src/client/peer-listener.ts'
import {
  DIAL_BACKS_TO_STRANGERS,
  RINGING_LIMIT,
  RINGING_STRANGERS,
  RINGS_OF_A_PEER,
  RINGS_OF_STRANGERS,
} from '../../../basic-p2p/src/chat/call-policy.ts'
import { CONNECTIONS_OF_SOURCE } from '../../../basic-p2p/src/directory/directory-reception.ts'
import { OFFERS_SHOWN, OFFERS_WASTED } from '../../../basic-p2p/src/files/incoming-files.ts'
import { FILES_WAITING } from '../../../basic-p2p/src/files/outgoing-files.ts'
import { PARTIALS_OPEN } from '../../../basic-p2p/src/files/partial-file.ts'
import { OFFER_PAUSES } from '../../../basic-p2p/src/files/outgoing-file.ts'
import { CONNECTION_LIMIT } from '../../../basic-p2p/src/directory/directory-server.ts'
import { WATCHES_IN_ALL } from '../../../basic-p2p/src/directory/registry.ts'
import { calculatorLimits } from '../../../calculator/src/messages.ts'
import { CLIENTS } from '../../../calculator/src/server.ts'
import { dhUpgrade } from '../../../dh-chat/src/dh-upgrade.ts'
import { SESSION_LIMIT } from '../../../dh-chat/src/keystream-protection.ts'
import { alice } from '../../../dh-chat/test/support/people.ts'
import { strangers } from '../../../dh-chat/test/support/strangers.ts'
import { testGroup } from '../../../dh-chat/test/support/test-group.ts'
import { ERRORS } from '../../src/errors.ts'
import type { Rate } from '../../src/limits/rate-limits.ts'
import { ADMISSION_PATIENCE } from '../../src/limits/cpu-budget.ts'
import { ALLOWANCES, PLACES, PLACES_OF_NETWORK } from '../../src/limits/places.ts'
import type { Capacity } from '../../src/net/reception.ts'
import { REFUSAL_ROOM } from '../../src/net/receive.ts'
import { ROOM_OF_ALL, ROOM_OF_CLIENT } from '../../src/net/server.ts'
import { REMOTE_CODES } from '../../src/wire/error-message.ts'
import type { FrameLimits } from '../../src/wire/frame.ts'
import { HELLO_DEADLINE } from '../../src/wire/hello.ts'
import { KEEPALIVE_IDLE, KEEPALIVE_LOSS } from '../../src/wire/keepalive.ts'
import { KEY_UPDATE } from '../../../aes-chat/src/messages.ts'
import { FILES_AT_ONCE, WINDOW } from '../../../basic-p2p/src/files/transfer.ts'
import { sessionLimits, TEXT_LIMIT } from '../../../basic-p2p/src/messages/conversation.ts'
import { directoryLimits, WATCH_LIMIT } from '../../../basic-p2p/src/messages/directory.ts'
import { ERROR, HELLO, RECORD } from '../../src/wire/common-messages.ts'

const document = readFileSync(new URL('../../../../docs/protocol.md', import.meta.url), 'utf8')

/** The rows of the first table under a heading, as cells without backticks. */
function table(heading: string): string[][] {
  const section = document.split(/^## /m).find(text => text.startsWith(`${heading}\n`)) ?? ''
  const rows = section.split('\n').filter(line => line.startsWith('|'))
  return rows.slice(2).map(row =>
    row
      .slice(1, -1)
      .split('|')
      .map(cell => cell.trim().replaceAll('`', '')),
  )
}

const number = (text = '') => Number(text.replaceAll(',', ''))

describe('the table of errors', () => {
  const rows = table('Errors')

  test('has one row for each code, in the order of the code', () => {
    expect(rows.map(([code]) => code)).toEqual(Object.keys(ERRORS))
  })

  test('says of each what it means, who notices it and what is told', () => {
    for (const row of rows) {
      expect(row).toHaveLength(4)
      for (const cell of row) expect(cell).not.toBe('')
      expect(['yes', 'only bad-message', 'no']).toContain(row[3])
    }
  })

  test('says "yes" of exactly the codes that are told as they are', () => {
    expect(rows.filter(row => row[3] === 'yes').map(([code]) => code)).toEqual([...REMOTE_CODES])
  })
})

describe('the table of message types', () => {
  const rows = table('Message types')

  test('has one row for each type, in the order of the code', () => {
    const numbers = rows.map(([type]) => Number(type))
    expect(numbers.length).toBeGreaterThan(30)
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
  })

  const upgrade = dhUpgrade({ identity: alice, knownPeers: strangers, groups: [testGroup] })
  const inUse: readonly FrameLimits[] = [
    new Map([
      [HELLO.type, HELLO.limit],
      [ERROR.type, ERROR.limit],
    ]),
    calculatorLimits,
    directoryLimits,
    plainUpgrade('alice').limits,
    upgrade.limits,
    sessionLimits,
  ]

  test('has the limits that every connection goes by', () => {
    const documented = new Map(rows.map(([type, , , limit]) => [Number(type), number(limit)]))
    const checked = new Set<number>()
    for (const limits of inUse) {
      for (const [type, limit] of limits) {
        expect([type, limit]).toEqual([type, documented.get(type)])
        checked.add(type)
      }
    }
    const unchecked = [...documented.keys()].filter(type => !checked.has(type))
    expect(unchecked, 'KEY_UPDATE never leaves the records').toEqual([KEY_UPDATE.type])
  })

  test('leaves room for the largest record', () => {
    const keys = { sendSecret: new Uint8Array(32), receiveSecret: new Uint8Array(32), sendDirection: 0 } as const
    const protection = sealedRecords(keys)
    const largest = protection.seal(new Uint8Array(protection.capacity))
    expect(largest.length).toBeLessThanOrEqual(upgrade.limits.get(RECORD.type) ?? 0)
  })
})

describe('the table of limits', () => {
  const limits = new Map(table('Limits').map(([what = '', limit]) => [what, limit]))
  const [KIB, MIB] = [2 ** 10, 2 ** 20]
  const seconds = (milliseconds: number) => `${milliseconds / 1_000} s`
  const capacity = ({ all, ofNetwork }: Capacity) => `${all.toLocaleString('en')}, and ${ofNetwork} from one address`
  function rate({ burst, interval }: Rate): string {
    const then =
      interval > 1_000 ? `one in ${seconds(interval)}` : `${interval === 1_000 ? 'one' : 1_000 / interval} a second`
    return `${burst} at once, then ${then}`
  }

  test.each([
    ['hello', seconds(HELLO_DEADLINE)],
    ['keepalive, loss', `${seconds(KEEPALIVE_IDLE)}, ${seconds(KEEPALIVE_LOSS)}`],
    ['connections of a directory', CONNECTION_LIMIT.toLocaleString('en')],
    ['names watched, by one user and in all', `${WATCH_LIMIT} and ${WATCHES_IN_ALL.toLocaleString('en')}`],
    [
      'answers that wait for one client of a server',
      `${ROOM_OF_CLIENT / KIB} KiB, and ${ROOM_OF_ALL / MIB} MiB for all`,
    ],
    ['refused connections that linger', String(REFUSAL_ROOM)],
    [
      'connections that are not served yet, of a client or calculator',
      `${PLACES}, and ${PLACES_OF_NETWORK} from one address`,
    ],
    [
      'patience for hello, OFFER, IDENTITY where others need the place',
      Object.values(ALLOWANCES)
        .map(allowance => seconds(allowance))
        .join(', '),
    ],
    ['an OFFER that waits for processor time', seconds(ADMISSION_PATIENCE)],
    ['conversations of a client', capacity(CONVERSATIONS)],
    ['clients of a calculator', capacity(CLIENTS)],
    ['calls that ring at once', `${RINGING_LIMIT}, and ${RINGING_STRANGERS} of strangers`],
    ['calls that ring, of one peer', rate(RINGS_OF_A_PEER)],
    ['calls that ring, of all strangers together', rate(RINGS_OF_STRANGERS)],
    ['connections to a directory from one address', rate(CONNECTIONS_OF_SOURCE)],
    ['dials back to strangers who called and whose connection broke', rate(DIAL_BACKS_TO_STRANGERS)],
    ['text', `${TEXT_LIMIT.toLocaleString('en')} bytes`],
    ['files under way in a direction', String(FILES_AT_ONCE)],
    ['bytes of a file under way', WINDOW.toLocaleString('en')],
    ['files that wait for their turn', FILES_WAITING.toLocaleString('en')],
    ['files being received, in all conversations together', String(PARTIALS_OPEN)],
    ['offers that ask a person, of one peer', rate(OFFERS_SHOWN)],
    ['offers that come to nothing where all are accepted, of one peer', rate(OFFERS_WASTED)],
  ])('%s: %s', (what, limit) => {
    expect(limits.get(what)).toBe(limit)
  })
})

test.each([
  ['the pauses between offers', `after ${OFFER_PAUSES[0]} ms, then after twice the time of before`],
  ['a session of the dh rung', `After ${SESSION_LIMIT / 2 ** 30} GiB in a direction`],
])('the text has the limit of %s', (_, words) => {
  expect(document.replaceAll('\n', ' ')).toContain(words)
})

test('every file of vectors that the document names exists and holds cases', () => {
  const named = [...document.matchAll(/\]\(\.\.\/(packages\/[^)]+\.json)\)/g)].map(([, path = '']) => path)
  expect(named.length).toBeGreaterThan(3)
  for (const path of named) {
    const cases: unknown = JSON.parse(readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8'))
    expect(cases, path).toBeInstanceOf(Array)
    expect(cases, path).not.toHaveLength(0)
  }
})
