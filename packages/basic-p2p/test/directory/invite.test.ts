import * as fc from 'fast-check'
import { canonicalHost, parseAddress } from '@p2p-secure-chat/core/net/address'
import { expect, test } from 'vitest'
import { formatInvite, type Invite, isInvite, parseInvite } from '../../src/directory/invite.ts'

const FINGERPRINT = 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg'
const badInvite = expect.objectContaining({ name: 'ChatError', code: 'bad-invite' })

const names = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,31}$/)
const hosts = fc.oneof(fc.ipV4(), fc.domain(), fc.ipV6()).map(host => canonicalHost(host) ?? 'none')
const fingerprints = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map(hash => Buffer.from(hash).toString('base64url'))
const invites: fc.Arbitrary<Invite> = fc.record({
  name: names,
  directory: fc.record({ host: hosts, port: fc.integer({ min: 1, max: 65_535 }) }),
  fingerprint: fingerprints,
})

test.each([
  [`chat:bob@192.0.2.7:10001#${FINGERPRINT}`, 'bob', '192.0.2.7', 10_001],
  [`chat:bob@[2001:db8::7]:1#${FINGERPRINT}`, 'bob', '2001:db8::7', 1],
  [`chat:b.o-b_1@chat.example.org:65535#${FINGERPRINT}`, 'b.o-b_1', 'chat.example.org', 65_535],
])('%s', (text, name, host, port) => {
  expect(parseInvite(text)).toEqual({ name, directory: { host, port }, fingerprint: FINGERPRINT })
  expect(isInvite(text)).toBe(true)
})

test('whatever is written is read back, and is one word that any shell leaves alone but for the brackets', () => {
  fc.assert(
    fc.property(invites, invite => {
      const text = formatInvite(invite)
      expect(parseInvite(text)).toEqual(invite)
      expect(text).toMatch(/^[\w.:@#[\]-]+$/)
    }),
  )
})

test('there is no second spelling: whatever is read is written as it was', () => {
  const changed = fc
    .tuple(invites, fc.nat(), fc.constantFrom('', '0', 'a', 'A', '=', ' ', '@', '#', ':', '%', '\n'))
    .map(([invite, at, put]) => {
      const text = formatInvite(invite)
      return text.slice(0, at % text.length) + put + text.slice((at % text.length) + 1)
    })
  fc.assert(
    fc.property(fc.oneof(changed, fc.string()), text => {
      let read: Invite
      try {
        read = parseInvite(text)
      } catch (error) {
        expect(error).toEqual(badInvite)
        return
      }
      expect(formatInvite(read)).toBe(text)
    }),
  )
})

test('whoever gives another spelling reads the right one', () => {
  const right = (host: string) => `chat:bob@${host}:10001#${FINGERPRINT}`
  const respelt = [
    [right('Chat.Example.ORG'), right('chat.example.org')],
    [right('chat.example.org.'), right('chat.example.org')],
    [right('bücher.example'), right('xn--bcher-kva.example')],
    [right('[2001:DB8::7]'), right('[2001:db8::7]')],
    [right('[2001:db8:0:0:0:0:0:7]'), right('[2001:db8::7]')],
    [right('[2001:0db8::0007]'), right('[2001:db8::7]')],
    [right('[::ffff:192.0.2.7]'), right('192.0.2.7')],
    [right('[::ffff:c000:207]'), right('192.0.2.7')],
    [right('0xc0.0.2.7'), right('192.0.2.7')],
    [right('192.0.519'), right('192.0.2.7')],
    [right('192.0.2.7').replace(':10001', ':010001'), right('192.0.2.7')],
    [right('192.0.2.7').replace('chat:bob', 'CHAT:Bob'), right('192.0.2.7')],
    [right('192.0.2.7').replace('-', '+').replace('_', '/'), right('192.0.2.7')],
    [`${right('192.0.2.7').slice(0, -1)}h`, right('192.0.2.7')],
    [`${right('192.0.2.7')}=`, right('192.0.2.7')],
    [` ${right('192.0.2.7')}\n`, right('192.0.2.7')],
    [right('192.0.2.7').replace('#', '#\r\n '), right('192.0.2.7')],
    [encodeURIComponent(right('[2001:db8::7]')).replace('chat%3A', 'chat:'), right('[2001:db8::7]')],
    [right('%63hat.example.org'), right('chat.example.org')],
  ]
  for (const [text = '', spelling = ''] of respelt) {
    expect(isInvite(text), text).toBe(true)
    expect(() => parseInvite(text), text).toThrow(
      expect.objectContaining({ code: 'bad-invite', hint: `its one spelling is ${spelling}` }),
    )
    expect(formatInvite(parseInvite(spelling))).toBe(spelling)
  }
})

test('what is shown for a directory is the one spelling, however its address was typed', () => {
  for (const typed of ['Chat.Example.ORG.:00080', '[2001:DB8:0::7]:80', '127.1:80', '[::ffff:127.0.0.1]:80']) {
    const text = formatInvite({ name: 'bob', directory: parseAddress(typed), fingerprint: FINGERPRINT })
    expect(formatInvite(parseInvite(text))).toBe(text)
  }
})

test.each([
  ['no scheme', `bob@192.0.2.7:1#${FINGERPRINT}`],
  ['another scheme', `talk:bob@192.0.2.7:1#${FINGERPRINT}`],
  ['no name', `chat:@192.0.2.7:1#${FINGERPRINT}`],
  ['a name in upper case', `chat:Bob@192.0.2.7:1#${FINGERPRINT}`],
  ['no port', `chat:bob@192.0.2.7#${FINGERPRINT}`],
  ['port 0', `chat:bob@192.0.2.7:0#${FINGERPRINT}`],
  ['a port with a zero in front', `chat:bob@192.0.2.7:01#${FINGERPRINT}`],
  ['a port that is too large', `chat:bob@192.0.2.7:65536#${FINGERPRINT}`],
  ['a bare IPv6 address', `chat:bob@2001:db8::7:1#${FINGERPRINT}`],
  ['an address of one network card', `chat:bob@[fe80::1%eth0]:1#${FINGERPRINT}`],
  ['a name in brackets', `chat:bob@[host]:1#${FINGERPRINT}`],
  ['two names', `chat:bob@carol@192.0.2.7:1#${FINGERPRINT}`],
  ['no fingerprint', 'chat:bob@192.0.2.7:1'],
  ['half a fingerprint', `chat:bob@192.0.2.7:1#${FINGERPRINT.slice(0, 21)}`],
  ['a fingerprint with bits to spare', `chat:bob@192.0.2.7:1#${FINGERPRINT.slice(0, 42)}h`],
  ['plain base64', `chat:bob@192.0.2.7:1#${FINGERPRINT.replace('-', '+')}`],
  ['something behind it', `chat:bob@192.0.2.7:1#${FINGERPRINT}\n`],
  ['something before it', ` chat:bob@192.0.2.7:1#${FINGERPRINT}`],
])('%s: no invite', (_, text) => {
  expect(() => parseInvite(text)).toThrow(badInvite)
})
