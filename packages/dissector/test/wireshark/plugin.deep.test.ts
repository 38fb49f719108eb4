import { execFileSync } from 'node:child_process'
import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { groupNames, namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { safetyNumber } from '@p2p-secure-chat/dh-chat/identity/safety-number'
import { afterAll, describe, expect, test } from 'vitest'
import { hasTool } from '../../../core/test/support/tools.ts'
import { FIELDS } from '../../src/message/field.ts'
import { FINDINGS } from '../../src/message/finding.ts'
import { KEY_LINES, SCENES } from '../support/scenes.ts'
import { SHIPPED } from '../support/shipped.ts'
import { captureOf, PLUGIN, tshark } from '../support/wireshark.ts'

const folder = mkdtempSync(join(tmpdir(), 'plugin-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe.each(['lua5.2', 'lua5.4'])('on %s', lua => {
  /** What the functions of the plugin make of arguments, all in hex. */
  function computed(calls: readonly (readonly [name: string, ...args: Uint8Array[]])[]): string[] {
    const lines = calls.map(([name, ...args]) =>
      [name, ...args.map(arg => `x${Buffer.from(arg).toString('hex')}`)].join(' '),
    )
    const script = `
      local plugin = dofile(arg[1])
      for line in io.lines() do
        local words = {}
        for word in line:gmatch('%S+') do words[#words + 1] = word end
        for i = 2, #words do words[i] = words[i]:sub(2):gsub('..', function(x) return string.char(tonumber(x, 16)) end) end
        local result = tostring(plugin[words[1]](table.unpack(words, 2)))
        print((result:gsub('.', function(c) return ('%02x'):format(c:byte()) end)))
      end`
    writeFileSync(join(folder, 'compute.lua'), script)
    const output = execFileSync(lua, [join(folder, 'compute.lua'), PLUGIN], {
      input: `${lines.join('\n')}\n`,
      encoding: 'utf8',
    })
    return output.split('\n').slice(0, -1)
  }

  test.skipIf(!hasTool(lua))('hashes, MACs, HKDF, AES and base64url are those of OpenSSL', () => {
    const cases = Array.from({ length: 300 }, (_, i) => ({
      key: randomBytes(32),
      iv: randomBytes(16),
      text: randomBytes(i),
    }))
    const hash = (name: string) => (text: Uint8Array) => createHash(name).update(text).digest()
    const sealed = cases.map(({ key, iv, text }) => {
      const cipher = createCipheriv('aes-256-cbc', key, iv)
      return Buffer.concat([cipher.update(text), cipher.final()])
    })
    const expected = cases.flatMap(({ key, text }) => [
      hash('sha256')(text),
      hash('sha512')(text),
      createHmac('sha256', text).update(key).digest(),
      createHmac('sha256', key).update(text).update(Uint8Array.of(1)).digest(),
      text,
      Buffer.from(text.toString('base64url')),
    ])
    const actual = computed(
      cases.flatMap(({ key, iv, text }, i) => [
        ['sha256', text],
        ['sha512', text],
        ['hmac', text, key],
        ['expand', key, text],
        ['aes_cbc_decrypt', key, iv, sealed[i] ?? Buffer.of()],
        ['base64url', text],
      ]),
    )
    expect(actual).toEqual(expected.map(bytes => bytes.toString('hex')))
  })

  test.skipIf(!hasTool(lua))('a padding that is wrong opens nothing', () => {
    const cipher = createCipheriv('aes-256-cbc', Buffer.alloc(32), Buffer.alloc(16)).setAutoPadding(false)
    const sealed = Buffer.concat([cipher.update(Buffer.alloc(16, 17)), cipher.final()])
    const [opened] = computed([['aes_cbc_decrypt', Buffer.alloc(32), Buffer.alloc(16), sealed]])
    expect(Buffer.from(opened ?? '', 'hex').toString()).toBe('nil')
  })

  test.skipIf(!hasTool(lua))('its primes are those of the RFCs, and UTF-8 is what Node takes for it', () => {
    const primes = computed(groupNames.map(name => ['prime_of', Buffer.from(name)]))
    expect(primes.map(hex => Buffer.from(hex, 'hex').toString())).toEqual(
      groupNames.map(name => namedGroup(name).p.toString(16)),
    )
    const texts = [
      'c3a4',
      'f09f918b',
      'eda080',
      'c0af',
      'e08080',
      'f48fbfbf',
      'f4908080',
      'f08080af',
      '80',
      'c3',
      'e282',
      '41c3',
    ]
    const decoder = new TextDecoder('utf-8', { fatal: true })
    const valid = texts.map(hex => {
      try {
        decoder.decode(Buffer.from(hex, 'hex'))
        return 'true'
      } catch {
        return 'false'
      }
    })
    const said = computed(texts.map(hex => ['is_utf8', Buffer.from(hex, 'hex')]))
    expect(said.map(hex => Buffer.from(hex, 'hex').toString())).toEqual(valid)
  })

  test.skipIf(!hasTool(lua))('it makes the safety numbers of the clients', () => {
    const [one, other] = [Buffer.alloc(32, 0xfe), Buffer.alloc(32, 0x12)]
    const script = `local plugin = dofile(arg[1])
      print(plugin.safety_number({ key = ('\\254'):rep(32), name = 'alice' }, { key = ('\\18'):rep(32), name = 'bob' }))`
    writeFileSync(join(folder, 'number.lua'), script)
    const number = execFileSync(lua, [join(folder, 'number.lua'), PLUGIN], { encoding: 'utf8' }).trim()
    expect(number).toBe(safetyNumber({ key: one, name: 'alice' }, { key: other, name: 'bob' }))
  })
})

describe.skipIf(!hasTool('tshark'))('in Wireshark', () => {
  test('its fields and findings are those of the reader, with their titles and texts', () => {
    const env = { ...process.env, HOME: folder, WIRESHARK_CONFIG_DIR: folder }
    const plugins = join(folder, '.local/lib/wireshark/plugins')
    execFileSync('mkdir', ['-p', plugins])
    writeFileSync(join(plugins, 'p2p-secure-chat.lua'), readFileSync(PLUGIN))
    const output = execFileSync('tshark', ['-G', 'fields'], {
      env,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const rows = output.split('\n').map(row => row.split('\t'))
    const ours = rows.filter(([kind, , name = '']) => kind === 'F' && name.startsWith('p2pc.'))
    const named = ours.map(([, title, name = '']): [string, string] => [name.slice('p2pc.'.length), title ?? ''])
    const expected = [
      ...Object.entries(FIELDS).map(([name, { title }]): [string, string] => [name, title]),
      ...Object.entries(FINDINGS)
        .filter(([code]) => !['cut', 'mid-conversation', 'gap', 'not-understood'].includes(code))
        .map(([code, { text }]): [string, string] => [`finding.${code.replaceAll('-', '_')}`, text]),
    ]
    expect(new Map(named)).toEqual(new Map(expected))
  })

  test('one pass and two passes give the same', () => {
    const file = join(folder, 'scenes.pcapng')
    const keys = join(folder, 'keys')
    writeFileSync(file, captureOf(SCENES))
    writeFileSync(keys, KEY_LINES)
    const seen = (...args: readonly string[]) =>
      tshark(folder, [...args, '-r', file, '-o', `p2pc.keylog:${keys}`, '-Y', 'p2pc && !p2pc.legacy.public']).stdout
    const once = seen()
    expect(seen('-2')).toBe(once)
    expect(once).toContain('TEXT "we meet at nine 🍵", TEXT "bring the map"')
    expect(once).toMatch(/REGISTER alice, takes no calls$/m)
    expect(once).toMatch(/CARD bob at 192\.0\.2\.7, port 40123,/)
  })

  test('keys that turn up in the middle of a conversation open the rest of it', () => {
    const scenes = SCENES.filter(({ title }) => title === 'key updates')
    const packets = (comment: number) => captureOf(scenes, { comments: { [comment]: KEY_LINES } })
    const file = join(folder, 'late.pcapng')
    writeFileSync(file, packets(30))
    const texts = (...args: readonly string[]) =>
      tshark(folder, [...args, '-r', file, '-T', 'fields', '-e', 'p2pc.text', '-Y', 'p2pc.text'])
        .stdout.trim()
        .split('\n')
    const all = Array.from({ length: 11 }, (_, i) => `number ${i}`)
    const once = texts()
    expect(once.length).toBeLessThan(all.length)
    expect(once).toEqual(all.slice(-once.length))
    expect(once.length).toBeGreaterThan(3)
  })

  test('captures made to keep it busy do not', () => {
    const [scene] = SCENES.filter(({ title }) => title === 'key updates')
    if (scene === undefined) throw new TypeError('there is no such scene')
    const json = Buffer.from('{"group":"modp14"}')
    const retry = Buffer.concat([Buffer.from([0, 0, 0, json.length + 1, 0x32]), json])
    // Behind the first offer, so that the transcript takes a megabyte, and no key fits.
    const offer = scene.said.findIndex(({ bytes }) => bytes[4] === 0x31)
    const answerer = scene.said[offer]?.from === 'dialler' ? 'listener' : 'dialler'
    const many = { from: answerer, bytes: Buffer.concat(Array<Buffer>(40_000).fill(retry)) } as const
    const sealed = {
      from: answerer,
      bytes: Buffer.concat([Buffer.from([0, 0, 0, 129, 0x40]), Buffer.alloc(128)]),
    } as const
    const records = Array.from({ length: 1_000 }, (_, i) => {
      const bytes = Buffer.from(sealed.bytes)
      bytes.writeUInt32BE(i, 5)
      return { ...sealed, bytes }
    })
    const said = [...scene.said.slice(0, offer + 1), many, ...scene.said.slice(offer + 1), ...records]
    const line = (i: number) => `P2PC_SESSION_SECRET ${i.toString(16).padStart(64, '0')} ${'0'.repeat(64)}`
    const comments = Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [i + 1, line(i)]))
    const file = join(folder, 'busy.pcapng')
    writeFileSync(file, captureOf([{ ...scene, said }], { comments }))
    const { stdout } = tshark(folder, ['-r', file, '-T', 'fields', '-e', 'frame.number', '-Y', 'p2pc.finding.no_key'])
    expect(stdout.trim().split('\n').length).toBeGreaterThanOrEqual(1_000)
  })

  test.skipIf(!hasTool('editcap'))('no damage to a capture makes it stumble', () => {
    const scenes = join(folder, 'whole.pcapng')
    writeFileSync(scenes, captureOf(SCENES))
    const keys = join(folder, 'keys')
    writeFileSync(keys, [KEY_LINES, ...shipped(/\.keys$/).map(file => readFileSync(file, 'utf8'))].join(''))
    const captures = [scenes, ...shipped(/\.pcap(?:ng)?$/)]
    const damaged = Array.from({ length: SEEDS }, (_, seed) => {
      const file = join(folder, `damaged-${seed}.pcapng`)
      const capture = captures[seed % captures.length] ?? scenes
      const share = DAMAGE[seed % DAMAGE.length] ?? 0
      // In every other one it spares the headers below ours, so that more of what is damaged comes to us.
      const spared = seed % 2 === 0 ? [] : ['-o', '66']
      const damage = ['-E', String(share), '--seed', String(seed + 1), ...spared]
      execFileSync('editcap', [...damage, capture, file], { stdio: 'ignore' })
      writeFileSync(file, onNetwork(seed + 1, readFileSync(file)))
      return file
    })
    const all = join(folder, 'damaged.pcapng')
    execFileSync('mergecap', ['-a', '-w', all, ...damaged], { stdio: 'ignore' })
    const { stdout, stderr } = tshark(folder, ['-r', all, '-o', `p2pc.keylog:${keys}`, '-O', 'p2pc'])
    expect(stdout + stderr).not.toContain('Lua Error')
    // Were nothing left of them, that would be easy.
    for (const sign of ['TEXT "', 'Tag status: good', 'Tag status: bad', 'legacy', 'does not follow']) {
      expect(stdout).toContain(sign)
    }
  })
})

/** How many damaged captures, and what share of their bytes is another one. */
const SEEDS = 50
const DAMAGE = [0.002, 0.01, 0.03]

function shipped(name: RegExp): string[] {
  const files = readdirSync(SHIPPED).filter(file => name.test(file))
  expect(files.length).toBeGreaterThan(1)
  return files.map(file => join(SHIPPED, file))
}

/** Moves the hosts of a capture to a network of their own: what came twice in one would be passed over as repeated. */
function onNetwork(network: number, capture: Buffer): Buffer {
  for (let at = 0; at + 8 <= capture.length; at++) {
    const [source, destination] = [capture.subarray(at, at + 4), capture.subarray(at + 4, at + 8)]
    if (HOST.equals(source.subarray(0, 3)) && HOST.equals(destination.subarray(0, 3)))
      source[2] = destination[2] = network
  }
  return capture
}

/** How the addresses of all hosts begin. */
const HOST = Buffer.of(10, 0, 0)
