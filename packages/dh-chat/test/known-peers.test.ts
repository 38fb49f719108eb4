import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { publicKeyToText } from '../src/identity/ed25519-key.ts'
import { type KnownPeers, knownPeers } from '../src/identity/known-peers.ts'
import { alice, bob, carol, mallory, person } from './support/people.ts'

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
  test('is new, then known, then verified', async () => {
    expect(await peers.look('bob', bob.key)).toEqual({ identity: 'new', notices: [] })
    await peers.remember('bob', bob.key)
    expect(await peers.look('bob', bob.key)).toEqual({ identity: 'known', notices: [] })
    await peers.markVerified('bob', bob.key)
    expect(await peers.look('bob', bob.key)).toEqual({ identity: 'verified', notices: [] })
    await peers.remember('bob', bob.key)
    expect(await peers.look('bob', bob.key)).toEqual({ identity: 'verified', notices: [] })
    expect(content()).toBe(`bob ed25519 ${text(bob)} verified\n`)
  })

  test('with another key than the remembered one is blocked, and nothing replaces that key by itself', async () => {
    await peers.remember('bob', bob.key)
    for (const step of [peers.look, peers.remember, peers.markVerified]) {
      await expect(step('bob', mallory.key)).rejects.toMatchObject({
        code: 'key-changed',
        message: expect.stringContaining(mallory.fingerprint),
      })
    }
    expect(content()).toBe(`bob ed25519 ${text(bob)}\n`)
    expect(await peers.forget('bob')).toBe(true)
    await peers.remember('bob', mallory.key)
    expect(await peers.look('bob', mallory.key)).toMatchObject({ identity: 'known' })
  })

  test('whose key is known under another name is new, and that is said', async () => {
    await peers.markVerified('bob', bob.key)
    expect(await peers.look('robert', bob.key)).toEqual({
      identity: 'new',
      notices: ['robert has the key that you know as bob'],
    })
    await peers.remember('robert', bob.key)
    expect(await peers.look('robert', bob.key)).toMatchObject({ identity: 'known' })
    expect(await peers.list()).toEqual([
      { name: 'bob', key: bob.key, verified: true },
      { name: 'robert', key: bob.key, verified: false },
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
    expect(await knownPeers(home, 'alice').look('bob', bob.key)).toMatchObject({ identity: 'known' })
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
      { name: 'bob', key: bob.key, verified: true },
      { name: 'carol', key: carol.key, verified: false },
    ])
    await peers.remember('mallory', mallory.key)
    expect(content()).toBe([...written, `mallory ed25519 ${text(mallory)}`, ''].join('\n'))
    await peers.markVerified('carol', carol.key)
    await peers.forget('mallory')
    expect(content()).toBe([...written.slice(0, 4), `carol ed25519 ${text(carol)} verified`, ''].join('\n'))
  })

  test('is not touched where nothing changes', async () => {
    writeFileSync(file, `bob ed25519 ${text(bob)}`)
    await peers.remember('bob', bob.key)
    await peers.forget('carol')
    expect(content()).toBe(`bob ed25519 ${text(bob)}`)
  })

  test.each([
    ['another kind of key', `bob rsa ${text(bob)}`],
    ['an unknown mark', `bob ed25519 ${text(bob)} trusted`],
    ['a word too many', `bob ed25519 ${text(bob)} verified yes`],
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
