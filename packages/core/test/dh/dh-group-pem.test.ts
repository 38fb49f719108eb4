import { execFileSync } from 'node:child_process'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { derInteger, derSequence } from '../../src/dh/der.ts'
import { encodeGroupDer, encodeGroupPem, parseGroupPem } from '../../src/dh/group-pem.ts'
import { namedGroup } from '../../src/dh/groups.ts'
import { hasTool } from '../support/tools.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

const pem = (der: Uint8Array, label = 'DH PARAMETERS') =>
  `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64')}\n-----END ${label}-----\n`

const openssl = (args: string[], input = '') =>
  execFileSync('openssl', args, { input, stdio: 'pipe', encoding: 'latin1' })

test('what is written is read again', () => {
  const number = fc.oneof(fc.bigInt(0n, 300n), fc.bigInt(0n, 2n ** 2100n))
  fc.assert(
    fc.property(number, number, (p, g) => {
      expect(parseGroupPem(encodeGroupPem({ p, g }))).toEqual({ p, g })
    }),
  )
})

test('the bytes are those of X.690: a sign bit, the shortest length, lines of 64', () => {
  expect(encodeGroupDer({ p: 127n, g: 0n })).toEqual(new Uint8Array(hex('30 06 02 01 7f 02 01 00')))
  expect(encodeGroupDer({ p: 128n, g: 2n })).toEqual(new Uint8Array(hex('30 07 02 02 0080 02 01 02')))
  const { p } = namedGroup('modp14')
  expect(encodeGroupPem({ p, g: 2n }).split('\n')).toSatisfy(
    (lines: string[]) => lines.slice(1, -3).every(line => line.length === 64) && lines.at(-1) === '',
  )
})

test('a length proposed for exponents, CR LF and text around the block are read over', () => {
  const der = derSequence(derInteger(23n), derInteger(5n), derInteger(160n))
  const text = `DH Parameters: (5 bit)\n    P: 23 (0x17)\n${pem(der)}trailing remarks\n`
  expect(parseGroupPem(text)).toEqual({ p: 23n, g: 5n })
  expect(parseGroupPem(text.replaceAll('\n', '\r\n'))).toEqual({ p: 23n, g: 5n })
})

test.skipIf(!hasTool('openssl'))('OpenSSL reads what we write and we read what it writes', () => {
  const { p, g } = namedGroup('ffdhe3072')
  const written = encodeGroupPem({ p, g })
  expect(openssl(['dhparam', '-check'], written)).toBe(written)
  expect(openssl(['dhparam', '-outform', 'DER'], written)).toBe(
    Buffer.from(encodeGroupDer({ p, g })).toString('latin1'),
  )
  expect(parseGroupPem(openssl(['dhparam', '-text'], written))).toEqual({ p, g })
  expect(parseGroupPem(openssl(['dhparam', '-5', '512'])).g).toBe(5n)
})

test.each([
  ['nothing', '', 'no -----BEGIN DH PARAMETERS-----'],
  ['no end line', pem(hex('3006020117020105')).replace('END', 'FIN'), 'no -----BEGIN'],
  ['another kind of block', pem(hex('3006020117020105'), 'X9.42 DH PARAMETERS'), 'X9.42 DH PARAMETERS'],
  ['two blocks', pem(hex('3006020117020105')).repeat(2), 'more than one'],
  ['base64 with a stray =', pem(hex('3006020117020105')).replace('\nM', '\n='), 'base64'],
  ['an empty sequence', pem(hex('3000')), 'prime, generator'],
  ['one number', pem(hex('3003 020117')), 'prime, generator'],
  ['four numbers', pem(hex('300c 020117 020105 020101 020101')), 'prime, generator'],
  ['no sequence', pem(hex('020117')), 'a SEQUENCE'],
  ['a string inside', pem(hex('3006 040117 020105')), 'an INTEGER'],
  ['a negative number', pem(hex('3006 0201f7 020105')), 'negative'],
  ['an empty number', pem(hex('3005 0200 020105')), 'empty'],
  ['a needless zero', pem(hex('3007 02020017 020105')), 'zero'],
  ['bytes behind', pem(hex('3006 020117 020105 00')), 'follow'],
  ['a long form where the short one does', pem(hex('308106 020117 020105')), 'shortest'],
  ['a length with a leading zero', pem(hex('30820006 020117 020105')), 'shortest'],
  ['an indefinite length', pem(hex('3080 020117 020105 0000')), 'shortest'],
  ['a length beyond the end', pem(hex('3007 020117 020105')), 'too early'],
  ['a length of 127 bytes', pem(hex('30ff 020117 020105')), 'shortest'],
  ['a length that is cut off', pem(hex('3082')), 'shortest'],
  ['no length at all', pem(hex('30')), 'length'],
])('%s is no group', (_, text, reason) => {
  expect(() => parseGroupPem(text)).toThrow(expect.objectContaining({ code: 'bad-group-file' }))
  expect(() => parseGroupPem(text)).toThrow(reason)
})

test('no text makes the parser fail in another way', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
      try {
        parseGroupPem(pem(bytes))
      } catch (error) {
        expect(error).toMatchObject({ code: 'bad-group-file' })
      }
    }),
    { numRuns: 1000 },
  )
})
