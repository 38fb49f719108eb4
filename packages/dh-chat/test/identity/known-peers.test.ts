import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { publicKeyToText } from '../../src/identity/ed25519-key.ts'
import { type KnownPeers, knownPeers } from '../../src/identity/known-peers.ts'
import { alice, bob, carol, mallory, person } from '../support/people.ts'

const code = (name: string) => expect.objectContaining({ code: name })
const text = ({ key }: { key: Uint8Array }) => publicKeyToText(key)

let home: string
let file: string
let peers: KnownPeers
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'known-peers-'))
  mkdirSync(join(home, 'alice'))
  file = join(home, 'alice', 'known_peers')
  peers = knownPeers(home, 'alice')
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const content = () => readFileSync(file, 'latin1')

describe('a peer', () => {
  test('is new, stays new while the key is only pinned, then is known, then verified, and never less', async () => {
    const steps = [
      [() => Promise.resolve(), 'new', null],
      [peers.opened, 'new', null],
      [peers.remember, 'new', `bob ed25519 ${text(bob)} new\n`],
      [peers.remember, 'new', `bob ed25519 ${text(bob)} new\n`],
      [peers.opened, 'known', `bob ed25519 ${text(bob)}\n`],
      [peers.remember, 'known', `bob ed25519 ${text(bob)}\n`],
      [peers.markVerified, 'verified', `bob ed25519 ${text(bob)} verified\n`],
      [peers.remember, 'verified', `bob ed25519 ${text(bob)} verified\n`],
      [peers.opened, 'verified', `bob ed25519 ${text(bob)} verified\n`],
    ] as const
    for (const [step, identity, written] of steps) {
      await step('bob', bob.key)
      expect(await peers.look('bob', bob.key)).toEqual({ identity, notices: [] })
      expect(existsSync(file) ? content() : null).toBe(written)
    }
  })

  test('is read as it was written by us a moment ago', async () => {
    await peers.remember('bob', bob.key)
    void peers.opened('bob', bob.key)
    expect(await peers.list()).toEqual([{ name: 'bob', key: bob.key, identity: 'known' }])
  })

  test('with another key than the remembered one is blocked, and nothing replaces that key by itself', async () => {
    await peers.remember('bob', bob.key)
    for (const step of [peers.look, peers.remember, peers.opened, peers.markVerified]) {
      await expect(step('bob', mallory.key)).rejects.toMatchObject({
        code: 'key-changed',
        message: expect.stringContaining(mallory.fingerprint),
      })
    }
    expect(content()).toBe(`bob ed25519 ${text(bob)} new\n`)
    expect(await peers.forget('bob')).toBe(true)
    await peers.remember('bob', mallory.key)
    expect((await peers.list())[0]).toMatchObject({ name: 'bob', key: mallory.key })
  })

  test('whose key is known under another name is new, and that is said', async () => {
    await peers.markVerified('bob', bob.key)
    expect(await peers.look('robert', bob.key)).toEqual({
      identity: 'new',
      notices: ['robert has the key that you know as bob'],
    })
    await peers.remember('robert', bob.key)
    expect(await peers.list()).toEqual([
      { name: 'bob', key: bob.key, identity: 'verified' },
      { name: 'robert', key: bob.key, identity: 'new' },
    ])
  })

  test('may be verified at once, and forgotten only once', async () => {
    await peers.markVerified('bob', bob.key)
    expect(await peers.forget('bob')).toBe(true)
    expect(await peers.forget('bob')).toBe(false)
    expect(await peers.look('bob', bob.key)).toMatchObject({ identity: 'new' })
  })

  test('is remembered by a later run, in a file for its owner alone', async () => {
    await peers.remember('bob', bob.key)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(await knownPeers(home, 'alice').list()).toHaveLength(1)
    expect(readdirSync(join(home, 'alice'))).toEqual(['known_peers'])
  })
})

describe('the file', () => {
  test('may be edited by hand: comments, order and spacing stay', async () => {
    const written = [
      '# people at work',
      '',
      `  bob   ed25519\t${text(bob)}  verified `,
      '\t# gr\xfc\xdfe, in whatever encoding',
      `carol ed25519 ${text(carol)}\r`,
    ]
    writeFileSync(file, written.join('\n'), 'latin1')
    expect(await peers.list()).toEqual([
      { name: 'bob', key: bob.key, identity: 'verified' },
      { name: 'carol', key: carol.key, identity: 'known' },
    ])
    await peers.remember('mallory', mallory.key)
    expect(content()).toBe([...written, `mallory ed25519 ${text(mallory)} new`, ''].join('\n'))
    await peers.markVerified('carol', carol.key)
    await peers.forget('mallory')
    expect(content()).toBe([...written.slice(0, 4), `carol ed25519 ${text(carol)} verified`, ''].join('\n'))
  })

  test('may begin with the byte order mark of an editor, which stays', async () => {
    for (const first of [`bob ed25519 ${text(bob)} verified`, '# people at work']) {
      writeFileSync(file, `\ufeff${first}\r\n`)
      await peers.remember('carol', carol.key)
      expect((await peers.list()).at(-1)?.name).toBe('carol')
      expect(readFileSync(file, 'utf8')).toBe(`\ufeff${first}\r\ncarol ed25519 ${text(carol)} new\n`)
    }
  })

  test('is neither touched nor waited for where nothing changes', async () => {
    writeFileSync(file, `bob ed25519 ${text(bob)}`)
    writeFileSync(`${file}.new`, '')
    await peers.remember('bob', bob.key)
    await peers.opened('bob', bob.key)
    await peers.opened('carol', carol.key)
    await peers.forget('carol')
    expect(content()).toBe(`bob ed25519 ${text(bob)}`)
  })

  test.each([
    ['another kind of key', `bob rsa ${text(bob)}`],
    ['an unknown mark', `bob ed25519 ${text(bob)} trusted`],
    ['a word too many', `bob ed25519 ${text(bob)} verified yes`],
    ['a mark that is never written', `bob ed25519 ${text(bob)} known`],
    ['no key', 'bob ed25519'],
    ['half a key', `bob ed25519 ${text(bob).slice(20)}`],
    ['a key of small order', `bob ed25519 ${Buffer.alloc(32).toString('base64url')}`],
    ['a name that is none', `Bob ed25519 ${text(bob)}`],
    ['a name that has a line already', `alice ed25519 ${text(bob)}`],
    ['anything else', 'hello'],
  ])('with %s is refused, and the line is named', async (_, line) => {
    writeFileSync(file, `# one\nalice ed25519 ${text(alice)}\n${line}\n`)
    const refused = { code: 'bad-known-peers', message: expect.stringContaining('line 3') }
    await expect(peers.look('carol', carol.key)).rejects.toMatchObject(refused)
    await expect(peers.remember('carol', carol.key)).rejects.toMatchObject(refused)
    await expect(peers.list()).rejects.toMatchObject(refused)
    expect(readdirSync(join(home, 'alice'))).toEqual(['known_peers'])
  })

  test('that is a folder is unreadable, one in a missing folder unwritable', async () => {
    mkdirSync(file)
    await expect(peers.list()).rejects.toEqual(code('unreadable'))
    await expect(knownPeers(home, 'nobody').remember('bob', bob.key)).rejects.toEqual(code('unwritable'))
  })
})

describe('two programs of the same user', () => {
  test('lose nothing of each other when they write at once', async () => {
    const others = Array.from({ length: 20 }, (_, i) => person(`peer${i}`))
    await Promise.all(others.map(({ name, key }) => knownPeers(home, 'alice').remember(name, key)))
    const names = (await peers.list()).map(({ name }) => name)
    expect(names.sort()).toEqual(others.map(({ name }) => name).sort())
  })

  test('never see half a file', async () => {
    const writing = Promise.all(
      Array.from({ length: 20 }, (_, i) => peers.remember(`peer${i}`, person(`peer${i}`).key)),
    )
    let finished = false
    writing.then(
      () => (finished = true),
      () => (finished = true),
    )
    while (!finished) await peers.list()
    await writing
  })

  test.each(['known_peers.new', 'known_peers.lock'])('are not kept by what a crash left, such as %s', async left => {
    const path = join(home, 'alice', left)
    writeFileSync(path, '')
    utimesSync(path, 1e9, 1e9)
    await peers.remember('bob', bob.key)
    expect(readdirSync(join(home, 'alice'))).toEqual(['known_peers'])
  })
})
